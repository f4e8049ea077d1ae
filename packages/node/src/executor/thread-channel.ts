import type { Worker, WorkerOptions } from "node:worker_threads";
import { builtin } from "../builtin.ts";
import { type Channel, type ChannelListener, inheritedFlags, preloads, workerEntry } from "./channel.ts";
import { canClone } from "./cloneable.ts";
import { progressInMemory, sharedProgress } from "./progress.ts";

/** What of Node's options a thread can be given. */
export type ThreadOptions = Pick<WorkerOptions, "env" | "execArgv" | "resourceLimits">;

/** What a thread is started with. */
export interface ThreadData {
  readonly preload: readonly string[];
  readonly progress: Int32Array;
  /** How many loads of modules are under way in it, that of its own program among them. */
  readonly loading: Int32Array;
}

/** Milliseconds that a thread that is to end may go on loading modules: Node 20 leaves open the files that it is just opening. */
const LOADING = Number.parseInt(process.versions.node, 10) < 22 ? 30_000 : 0;
const LOOK_EVERY = 5;

/** Starts a thread. */
export function openThread(listener: ChannelListener, options: ThreadOptions): Channel {
  const progress = sharedProgress();
  const loading = new Int32Array(new SharedArrayBuffer(4)).fill(1);
  const entry = workerEntry("thread-main");
  // A program that came from the command line or stdin hands on --input-type, with which Node loads no file.
  const asText = options.execArgv === undefined && inheritedFlags.some((flag) => flag.startsWith("--input-type"));
  const worker = new (builtin("worker_threads").Worker)(asText ? `import(${JSON.stringify(entry.href)})` : entry, {
    // Where none are given Node hands its own on; it would refuse some of them here.
    ...(inheritedFlags === process.execArgv ? undefined : { execArgv: [...inheritedFlags] }),
    ...options,
    eval: asText,
    name: "tsyncio",
    workerData: { preload: preloads(), progress, loading } satisfies ThreadData,
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
    terminate: () => terminate(worker, loading, performance.now() + LOADING),
    hold: (held) => (held ? worker.ref() : worker.unref()),
  };
}

function terminate(worker: Worker, loading: Int32Array, latest: number): void {
  const gone = worker.threadId < 0;
  if (gone || Atomics.load(loading, 0) === 0 || performance.now() >= latest) void worker.terminate();
  else setTimeout(terminate, LOOK_EVERY, worker, loading, latest);
}
