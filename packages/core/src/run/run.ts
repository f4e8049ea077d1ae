import { type Main, type RunOptions, Runner } from "./runner.ts";

/**
 * Runs `main` on a loop of its own and gives its result. Whatever the outcome, nothing is left behind: the tasks that
 * still run are cancelled and waited for, open async generators and the default executor are closed, errors that
 * nobody has read are reported, the loop is closed.
 *
 * The process stays alive while main is pending. The first SIGINT or SIGTERM cancels main and lets it clean up (the
 * promise then rejects with `KeyboardInterrupt`), the second one ends the process at once.
 *
 * @throws {TypeError} when `main` can neither be awaited nor called.
 * @throws {DeadlockError} when main waits for what nothing left in the process can bring; the message shows who waits for whom.
 * @example
 * ```ts
 * import { coroutine, run, sleep } from "tsyncio";
 * const main = coroutine(function* () {
 *   yield* sleep(10);
 *   return "done";
 * });
 * console.log(await run(main)); // → done
 * ```
 * @see https://docs.python.org/3.13/library/asyncio-runner.html#asyncio.run
 */
export async function run<T>(main: Main<T>, options?: RunOptions): Promise<T> {
  const runner = new Runner(options);
  let result: T;
  try {
    result = await runner.run(main);
  } catch (error) {
    // What main threw is the news; what the cleanup throws on top of it is printed.
    await runner.close().catch((second) => console.error("tsyncio: the cleanup of run() failed as well", second));
    throw error;
  }
  await runner.close();
  return result;
}
