import { openThread, type ThreadOptions } from "./thread-channel.ts";
import { type PoolExecutorOptions, WorkerPoolExecutor } from "./worker-pool-executor.ts";

/** Options of `ThreadPoolExecutor`. */
export interface ThreadPoolExecutorOptions extends PoolExecutorOptions, ThreadOptions {}

/**
 * Runs functions on threads (`node:worker_threads`): in parallel, in the same process. A thread starts in about 40 ms and
 * takes 10 MB or more; a job costs a few microseconds and a copy of its arguments, or nothing for what is moved (`transfer`)
 * or shared (`SharedArrayBuffer`).
 *
 * @example
 * ```ts
 * import { ThreadPoolExecutor } from "@tsyncio/node";
 * import { run } from "tsyncio";
 * async function main() {
 *   await using pool = new ThreadPoolExecutor({ maxWorkers: 2 });
 *   for await (const square of pool.map((n: number) => n * n, [1, 2, 3])) console.log(square);
 * }
 * await run(main()); // → 1, 4, 9
 * ```
 * @see https://docs.python.org/3.13/library/concurrent.futures.html#threadpoolexecutor
 */
export class ThreadPoolExecutor extends WorkerPoolExecutor {
  /** @throws {RangeError} for a number of workers or of waiting jobs that makes no sense. */
  constructor(options: ThreadPoolExecutorOptions = {}) {
    const { env, execArgv, resourceLimits } = options;
    const given = { env, execArgv, resourceLimits };
    const chosen = Object.fromEntries(
      Object.entries(given).filter(([, value]) => value !== undefined),
    ) as ThreadOptions;
    super("thread", options, (listener) => openThread(listener, chosen));
  }
}
