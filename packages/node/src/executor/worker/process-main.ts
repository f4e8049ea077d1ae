import { canSerialise } from "../cloneable.ts";
import type { ToWorker } from "../messages.ts";
import { beginInFile } from "../progress.ts";
import { JobRunner } from "./job-runner.ts";
import type { Line } from "./line.ts";

// Ctrl-C at the terminal reaches the whole group: the parent decides what becomes of its workers.
process.on("SIGINT", () => {});
// The parent has gone, however it went.
process.on("disconnect", () => process.exit());
const [progress, ...preload] = process.argv.slice(2);
// What a job sees is a program of its own.
process.argv.length = 2;

const line: Line = {
  canCarry: canSerialise,
  post(message) {
    // Once the parent has gone there is nobody to tell, of which "disconnect" takes care.
    if (process.connected) process.send!(message, undefined, undefined, () => {});
  },
  begin: progress === "" ? () => true : beginInFile(Number(progress)),
  loading() {},
};
const runner = new JobRunner(line, preload);
process.on("message", (message: ToWorker) => runner.receive(message));
process.on("uncaughtExceptionMonitor", (error) => runner.dying(error));
process.on("exit", () => runner.leave());
line.post({ ready: true });
