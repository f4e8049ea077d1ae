import { Worker, type WorkerOptions } from "node:worker_threads";
import { type Channel, type ChannelListener, inheritedFlags, preloads, workerEntry } from "./channel.ts";
import { canClone } from "./cloneable.ts";
import { progressInMemory, sharedProgress } from "./progress.ts";

/** What of Node's options a thread can be given. */
export type ThreadOptions = Pick<WorkerOptions, "env" | "execArgv" | "resourceLimits">;

/** What a thread is started with. */
export interface ThreadData {
  readonly preload: readonly string[];
  readonly progress: Int32Array;
}

/** Starts a thread. */
export function openThread(listener: ChannelListener, options: ThreadOptions): Channel {
  const progress = sharedProgress();
  const entry = workerEntry("thread-main");
  // A program that came from the command line or stdin hands on --input-type, with which Node loads no file.
  const asText = options.execArgv === undefined && inheritedFlags.some((flag) => flag.startsWith("--input-type"));
  const worker = new Worker(asText ? `import(${JSON.stringify(entry.href)})` : entry, {
    // Where none are given Node hands its own on; it would refuse some of them here.
    ...(inheritedFlags === process.execArgv ? undefined : { execArgv: [...inheritedFlags] }),
    ...options,
    eval: asText,
    name: "tsyncio",
    workerData: { preload: preloads(), progress } satisfies ThreadData,
  });
  let error: unknown = null;
  worker.on("message", (message) => listener.message(message));
  worker.on("error", (reason) => (error = reason));
  worker.on("messageerror", (reason) => {
    // Results that cannot be read are lost, and nobody knows whose they were.
    error = reason;
    void worker.terminate();
  });
  worker.on("exit", (code) => listener.exit({ code, signal: null, error }));
  return {
    progress: progressInMemory(progress),
    canCarry: canClone,
    post: (message, transfer) => worker.postMessage(message, transfer as never),
    terminate: () => void worker.terminate(),
    hold: (held) => (held ? worker.ref() : worker.unref()),
  };
}
