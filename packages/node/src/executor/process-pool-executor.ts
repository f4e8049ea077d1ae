import { openProcess, type ProcessOptions } from "./process-channel.ts";
import { type PoolExecutorOptions, WorkerPoolExecutor } from "./worker-pool-executor.ts";

/** Options of `ProcessPoolExecutor`. */
export interface ProcessPoolExecutorOptions extends PoolExecutorOptions, ProcessOptions {}

/**
 * Runs functions in processes of their own: nothing is shared, and one that crashes takes nothing with it. A process starts
 * in about 100 ms and takes some 60 MB; a job costs a few more microseconds than on a thread, and a copy through a pipe. For what threads cannot do: native code that is
 * not safe in threads, limits of memory, another environment.
 *
 * @example
 * ```ts
 * import { ProcessPoolExecutor } from "@tsyncio/node";
 * import { run } from "tsyncio";
 * async function main() {
 *   await using pool = new ProcessPoolExecutor({ maxWorkers: 1 });
 *   const elsewhere = await pool.submit(() => process.pid);
 *   console.log(elsewhere !== process.pid);
 * }
 * await run(main()); // → true
 * ```
 * @see https://docs.python.org/3.13/library/concurrent.futures.html#processpoolexecutor
 */
export class ProcessPoolExecutor extends WorkerPoolExecutor {
  /** @throws {RangeError} for a number of workers or of waiting jobs that makes no sense. */
  constructor(options: ProcessPoolExecutorOptions = {}) {
    super("process", options, (listener) => openProcess(listener, options));
  }
}
