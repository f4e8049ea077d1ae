import { type Coroutine, coroutine, getRunningLoop, provideDefaultExecutor } from "tsyncio";
import type { JobResult } from "./remote-stream.ts";
import { ThreadPoolExecutor } from "./thread-pool-executor.ts";

provideDefaultExecutor(() => new ThreadPoolExecutor());

/**
 * Runs `fn(...args)` on a thread of the loop's default executor, and gives its result. The function is self-contained or a
 * reference made by `remote()`: see `WorkerPoolExecutor`. Nothing is sent before it is awaited.
 *
 * **When cancelled**: the function is cancelled on its thread, which is replaced if that does not stop it within a second.
 *
 * @throws {TypeError} for a function that cannot reach a thread.
 * @throws what `fn` throws; `BrokenWorkerError` when its thread ends before it.
 * @example
 * ```ts
 * import { toThread } from "@tsyncio/node";
 * import { run } from "tsyncio";
 * function sum(to: number) {
 *   let total = 0;
 *   for (let i = 1; i <= to; i++) total += i;
 *   return total;
 * }
 * async function main() {
 *   console.log(await toThread(sum, 1e6));
 * }
 * await run(main()); // → 500000500000
 * ```
 * @see https://docs.python.org/3.13/library/asyncio-task.html#running-in-threads
 */
export function toThread<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Coroutine<JobResult<Awaited<R>>> {
  return running(fn, args) as Coroutine<JobResult<Awaited<R>>>;
}

const running = coroutine(function* toThread(
  fn: (...args: any[]) => unknown,
  args: unknown[],
): Generator<any, unknown, any> {
  return yield getRunningLoop().runInExecutor(null, fn, ...args);
});
