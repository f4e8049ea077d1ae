import { parentPort, workerData } from "node:worker_threads";
import type { ToWorker } from "../messages.ts";
import { JobRunner } from "./job-runner.ts";

const port = parentPort!;
for (const url of (workerData as { readonly preload: readonly string[] }).preload) await import(url);

const runner = new JobRunner({ post: (message, transfer = []) => port.postMessage(message, transfer as never) });
port.on("message", (message: ToWorker) => runner.receive(message));
port.postMessage({ ready: true });
