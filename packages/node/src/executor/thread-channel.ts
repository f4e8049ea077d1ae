import { Worker, type WorkerOptions } from "node:worker_threads";
import { type Channel, type ChannelListener, preloads, workerEntry } from "./channel.ts";
import { canClone } from "./cloneable.ts";

/** What of Node's options a thread can be given. */
export type ThreadOptions = Pick<WorkerOptions, "env" | "execArgv" | "resourceLimits">;

/** What a thread is started with. */
export interface ThreadData {
  readonly preload: readonly string[];
  /** See `Channel.begun`. */
  readonly begun: Int32Array;
}

/** Starts a thread. */
export function openThread(listener: ChannelListener, options: ThreadOptions): Channel {
  const begun = new Int32Array(new SharedArrayBuffer(4));
  const entry = workerEntry("thread-main");
  // A program that came from the command line or stdin hands on --input-type, with which Node loads no file.
  const inherited = options.execArgv === undefined && process.execArgv.some((flag) => flag.startsWith("--input-type"));
  const worker = new Worker(inherited ? `import(${JSON.stringify(entry.href)})` : entry, {
    ...options,
    eval: inherited,
    name: "tsyncio",
    workerData: { preload: preloads(), begun } satisfies ThreadData,
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
    begun,
    canCarry: canClone,
    post: (message, transfer) => worker.postMessage(message, transfer as never),
    terminate: () => void worker.terminate(),
    hold: (held) => (held ? worker.ref() : worker.unref()),
  };
}
