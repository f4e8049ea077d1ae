import type { Awaitable } from "../coroutine/coroutine.ts";
import { type AsyncGenerator, agen, emit } from "../coroutine/async-generator.ts";
import { enter } from "../coroutine/generator-coroutine.ts";
import { SUSPEND, THROW } from "../coroutine/protocol.ts";
import type { CancelledError } from "../errors.ts";
import { exec } from "../loop/execution.ts";
import { outlasting } from "../task/outlasting.ts";
import type { Task } from "../task/task.ts";
import { ConcurrentWork, type Fn } from "./concurrent-work.ts";

/** Options of `mapConcurrent`. */
export interface MapConcurrentOptions {
  /** How many calls are under way at a time, at most; results that nobody has taken count too. */
  readonly limit: number;
  /** Whether results come in the order of the source. Default: true. Without it they come as they are done. */
  readonly ordered?: boolean;
}

function* mapping<T, R>(work: ConcurrentWork<T, R>): Generator<any, void, any> {
  try {
    for (;;) {
      work.fill();
      if (!work.settled() && enter(work.progress()) === SUSPEND) yield;
      if (work.failure !== null) throw work.failure.error;
      if (!work.hasResult()) return;
      yield emit(work.take());
    }
  } finally {
    yield* ending(work);
  }
}

/** Cancels what is under way and waits for it, however often that is cancelled; then the source is closed. */
function* ending(work: ConcurrentWork<any, any>): Generator<any, void, any> {
  let cancelled: CancelledError | null = null;
  work.stop();
  yield* outlasting(
    exec.task as Task<any>,
    () => (work.busy ? work.end() : null),
    (error) => void (cancelled ??= error),
  );
  if (enter(work.closeSource()) === SUSPEND) yield;
  if (cancelled !== null) throw cancelled;
}

/**
 * Calls `fn` for the items of `source`, several at a time, and gives the results. Each call is a task of its own.
 *
 * Items are taken from the source as results are taken from here: at most `limit` are between the two, so that memory
 * stays the same for a source of any length, and a slow consumer slows the source. Nothing runs before the first
 * result is asked for.
 *
 * Leaving the loop cancels the calls that are under way, waits for them and closes the source. So does the first error,
 * of a call or of the source, which is then thrown; results that were not taken yet are dropped.
 *
 * **When cancelled**: the calls that are under way are cancelled and waited for, the source is closed, and the iteration
 * is over.
 *
 * @throws {RangeError} at the call when `limit` is not a whole number of at least 1.
 * @throws {TypeError} at the call for what cannot be iterated or called.
 * @throws what `fn` or the source throws.
 * @example
 * ```ts
 * import { mapConcurrent, run, sleep } from "tsyncio";
 * async function main() {
 *   const words = mapConcurrent(["a", "b", "c"], async (letter, index) => {
 *     await sleep(3 - index);
 *     return letter.toUpperCase();
 *   }, { limit: 2 });
 *   for await (const word of words) console.log(word);
 * }
 * await run(main()); // → A, B, C
 * ```
 */
export function mapConcurrent<T, R>(
  source: Iterable<T> | AsyncIterable<T>,
  fn: (item: T, index: number) => Awaitable<R>,
  options: MapConcurrentOptions,
): AsyncGenerator<R, void> {
  const given: unknown = source;
  if (
    given === null ||
    given === undefined ||
    (typeof given !== "string" && !(Symbol.iterator in Object(given)) && !(Symbol.asyncIterator in Object(given)))
  ) {
    throw new TypeError(`Cannot map ${String(given)}: expected an iterable or an async iterable`);
  }
  if (typeof fn !== "function") throw new TypeError(`Cannot map with ${String(fn)}: expected a coroutine function`);
  const { limit, ordered = true } = options;
  if (!Number.isInteger(limit) || limit < 1)
    throw new RangeError(`Cannot map: limit must be an integer >= 1, received ${String(limit)}`);
  const work = new ConcurrentWork<T, R>(source, fn as Fn<T>, limit, ordered);
  return agen(mapping(work), mapConcurrent, THROW) as AsyncGenerator<R, void>;
}
