import { type Duration, milliseconds } from "../duration.ts";
import { CancelledError, TimeoutError } from "../errors.ts";
import type { Awaitable, Coroutine } from "../coroutine/coroutine.ts";
import { GeneratorCoroutine, enter } from "../coroutine/generator-coroutine.ts";
import { NOTHING, SUSPEND, THROW } from "../coroutine/protocol.ts";
import { ensureFuture } from "../task/create-task.ts";
import { Ended } from "./ended.ts";
import { Timeout } from "./timeout.ts";

function* awaiting<T>(aw: Awaitable<T>): Generator<undefined, T, any> {
  const $ = enter(aw);
  return $ === SUSPEND ? yield : $;
}

function* awaitingFor<T>(aw: Awaitable<T>, delay: number): Generator<undefined, T, any> {
  const limit = new Timeout(null);
  limit.enter(delay);
  try {
    const $ = enter(aw);
    return $ === SUSPEND ? yield : $;
  } catch (error) {
    throw limit.failed(error);
  } finally {
    limit.exit();
  }
}

function* takingAtOnce<T>(aw: Awaitable<T>): Generator<undefined, T, any> {
  const future = ensureFuture(aw);
  if (future.done()) return future.result();
  future.cancel();
  if (enter(new Ended(future)) === SUSPEND) yield;
  try {
    return future.result();
  } catch (error) {
    throw error instanceof CancelledError ? new TimeoutError(undefined, { cause: error }) : error;
  }
}

/**
 * Awaits `aw`, for `delay` at most. A coroutine runs in the current task. At the deadline what is awaited is
 * cancelled, and waited for until it has ended; when it then gives a value all the same, that is the result, and when
 * it throws something else, that is thrown. A delay of zero or less takes what is there: a future that is done gives
 * its result, anything else is cancelled, a coroutine without having started.
 *
 * To leave what is awaited alone at the deadline, wrap it in `shield()`.
 *
 * **When cancelled**: what is awaited is cancelled and waited for; a task that finished at the same time keeps its
 * result. The timer is dropped.
 *
 * @param delay null for none.
 * @throws {TimeoutError} when the deadline strikes; its cause is the `CancelledError`.
 * @throws what the awaitable throws.
 * @example
 * ```ts
 * import { TimeoutError, run, sleep, waitFor } from "tsyncio";
 * async function main() {
 *   console.log(await waitFor(sleep(1, "rested"), "1s"));
 *   try {
 *     await waitFor(sleep("1h"), 5);
 *   } catch (error) {
 *     console.log(error instanceof TimeoutError);
 *   }
 * }
 * await run(main()); // → rested, true
 * ```
 * @see https://docs.python.org/3.13/library/asyncio-task.html#asyncio.wait_for
 */
export function waitFor<T>(aw: Awaitable<T>, delay: Duration | null): Coroutine<T> {
  if (delay === null) return new GeneratorCoroutine<T>(awaiting(aw), waitFor, NOTHING);
  const ms = milliseconds(delay);
  return ms > 0
    ? new GeneratorCoroutine<T>(awaitingFor(aw, ms), waitFor, THROW)
    : new GeneratorCoroutine<T>(takingAtOnce(aw), waitFor, THROW);
}
