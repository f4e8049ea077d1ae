import { canSerialise } from "../cloneable.ts";
import type { ToWorker } from "../messages.ts";
import { JobRunner } from "./job-runner.ts";

// Ctrl-C at the terminal reaches the whole group: the parent decides what becomes of its workers.
process.on("SIGINT", () => {});
// The parent has gone, however it went.
process.on("disconnect", () => process.exit());
const preload = process.argv.slice(2);
// What a job sees is a program of its own.
process.argv.length = 2;
for (const url of preload) await import(url);

/** Messages that may still be in the memory of this process. */
let unsent = 0;
let whenSent: (() => void) | null = null;

const sent = (): void => {
  if (--unsent > 0 || whenSent === null) return;
  const then = whenSent;
  whenSent = null;
  then();
};
const runner = new JobRunner({
  canCarry: canSerialise,
  post(message) {
    // Once the parent has gone there is nobody to tell.
    if (!process.connected) return;
    process.send!(message, undefined, undefined, sent);
    unsent++;
  },
  begin: () => true,
  posted(then) {
    if (unsent > 0) whenSent = then;
    return unsent === 0;
  },
});
process.on("message", (message: ToWorker) => runner.receive(message));
process.on("uncaughtExceptionMonitor", (error) => runner.dying(error));
process.on("exit", () => runner.leave());
if (process.connected) process.send!({ ready: true });
