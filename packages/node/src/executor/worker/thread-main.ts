import { parentPort, workerData } from "node:worker_threads";
import { canClone } from "../cloneable.ts";
import type { ToWorker } from "../messages.ts";
import { beginInMemory } from "../progress.ts";
import type { ThreadData } from "../thread-channel.ts";
import { JobRunner } from "./job-runner.ts";
import type { Line } from "./line.ts";

const port = parentPort!;
const { preload, progress, loading } = workerData as ThreadData;
const line: Line = {
  canCarry: canClone,
  post: (message, transfer = []) => port.postMessage(message, transfer as never),
  begin: beginInMemory(progress),
  loading: (change) => void Atomics.add(loading, 0, change),
};
const runner = new JobRunner(line, preload);
port.on("message", (message: ToWorker) => runner.receive(message));
port.on("messageerror", (error) => {
  throw error;
});
process.on("exit", () => runner.leave());
line.loading(-1);
port.postMessage({ ready: true });
