import type { ToWorker } from "../messages.ts";
import { JobRunner } from "./job-runner.ts";

for (const url of process.argv.slice(2)) await import(url);
// What a job sees is a program of its own.
process.argv.length = 2;

const runner = new JobRunner({ post: (message) => void process.send!(message) });
process.on("message", (message: ToWorker) => runner.receive(message));
// The parent has gone, however it went.
process.on("disconnect", () => process.exit());
// Ctrl-C at the terminal reaches the whole group: the parent decides what becomes of its workers.
process.on("SIGINT", () => {});
process.send!({ ready: true });
