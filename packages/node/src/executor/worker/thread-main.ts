import { parentPort, workerData } from "node:worker_threads";
import { canClone } from "../cloneable.ts";
import type { ToWorker } from "../messages.ts";
import type { ThreadData } from "../thread-channel.ts";
import { JobRunner } from "./job-runner.ts";

const port = parentPort!;
const { preload, begun } = workerData as ThreadData;
for (const url of preload) await import(url);

const runner = new JobRunner({
  canCarry: canClone,
  post: (message, transfer = []) => port.postMessage(message, transfer as never),
  begin: (place) => Atomics.compareExchange(begun, 0, place, place + 1) === place,
  posted: () => true,
});
port.on("message", (message: ToWorker) => runner.receive(message));
port.on("messageerror", (error) => {
  throw error;
});
process.on("exit", () => runner.leave());
port.postMessage({ ready: true });
