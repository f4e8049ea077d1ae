import { Worker, type WorkerOptions } from "node:worker_threads";
import { type Channel, type ChannelListener, preloads, workerEntry } from "./channel.ts";

/** What of Node's options a thread can be given. */
export type ThreadOptions = Pick<WorkerOptions, "env" | "execArgv" | "resourceLimits">;

/** Starts a thread. */
export function openThread(listener: ChannelListener, options: ThreadOptions): Channel {
  const worker = new Worker(workerEntry("thread-main"), {
    ...options,
    name: "tsyncio",
    workerData: { preload: preloads() },
  });
  let error: unknown = null;
  worker.on("message", (message) => listener.message(message));
  worker.on("error", (reason) => (error = reason));
  worker.on("messageerror", (reason) => (error = reason));
  worker.on("exit", (code) => listener.exit({ code, signal: null, error }));
  return {
    id: worker.threadId,
    post: (message, transfer) => worker.postMessage(message, transfer as never),
    terminate: () => void worker.terminate(),
    hold: (held) => (held ? worker.ref() : worker.unref()),
  };
}
