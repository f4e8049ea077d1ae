import type { EventLoop } from "../loop/event-loop.ts";
import { getRunningLoop } from "../loop/running.ts";
import type { Awaitable } from "../coroutine/coroutine.ts";
import { GeneratorCoroutine } from "../coroutine/generator-coroutine.ts";
import { ensureFuture, isAwaitable } from "../task/create-task.ts";
import { DONE, type Future, OUTCOME, PENDING, isFuture } from "../task/future.ts";
import { isGiveWay } from "../task/sleep.ts";
import { GatheringFuture } from "./gathering-future.ts";
import { LimitedGather } from "./limited-gather.ts";

/** What awaiting an `A` gives. */
export type ResultOf<A> = A extends PromiseLike<infer T> ? T : A;

/** Options of `gather`. */
export interface GatherOptions {
  /** Errors are results: the gather does not fail, and waits for all. Default: false. */
  readonly returnExceptions?: boolean;
  /** How many run at a time, at most. Default: all of them. */
  readonly limit?: number;
  /** The first error cancels the others, and is thrown when they have ended. Default: false, the others go on. */
  readonly failFast?: boolean;
}

/**
 * Awaits several awaitables side by side. The result is theirs, in the order of the arguments. Coroutines are
 * scheduled as tasks at the call. An awaitable that is given twice runs once.
 *
 * The first error, or the first cancelled awaitable, fails the gather at once; the others go on, and their errors
 * count as read. With `failFast` the others are cancelled and waited for first. With `returnExceptions` errors and
 * cancellations are results.
 *
 * With `limit`, entries are taken from the iterable as places become free, so that a generator can make the coroutines
 * as they are needed: they run in `limit` tasks, one after the other, each in a context of its own. When the gather
 * ends early the ones that have not started are closed, and a generator is left by `return()`.
 *
 * **When cancelled**: everything that it waits for is cancelled; the `CancelledError` comes when all have ended (at the
 * first that was cancelled, without `returnExceptions`). The future itself never is `cancelled()`.
 *
 * @throws {TypeError} at the call for what cannot be awaited.
 * @throws {RangeError} at the call when `limit` is not a whole number of at least 1, or for futures of different loops.
 * @example
 * ```ts
 * import { gather, run, sleep } from "tsyncio";
 * async function main() {
 *   const [one, two] = await gather(sleep(2, 1), sleep(1, "two"));
 *   console.log(one, two);
 *   const jobs = function* () {
 *     for (let n = 0; n < 100; n++) yield sleep(1, n);
 *   };
 *   console.log((await gather(jobs(), { limit: 10 })).length);
 * }
 * await run(main()); // → 1 two, 100
 * ```
 * @see https://docs.python.org/3.13/library/asyncio-task.html#asyncio.gather
 */
export function gather<A extends readonly Awaitable<any>[]>(
  ...aws: A
): Future<{ -readonly [K in keyof A]: ResultOf<A[K]> }>;
export function gather<T>(
  aws: Iterable<Awaitable<T>>,
  options: GatherOptions & { readonly returnExceptions: true },
): Future<(T | Error)[]>;
export function gather<T>(aws: Iterable<Awaitable<T>>, options?: GatherOptions): Future<T[]>;
export function gather<A extends Awaitable<any>>(
  aws: Iterable<A>,
  options: GatherOptions & { readonly returnExceptions: true },
): Future<(ResultOf<A> | Error)[]>;
export function gather<A extends Awaitable<any>>(aws: Iterable<A>, options?: GatherOptions): Future<ResultOf<A>[]>;
export function gather(...args: unknown[]): Future<any> {
  if (args.length === 0 || isAwaitable(args[0])) return gatherAll(args, false, false);
  const [aws, options] = args as [unknown, GatherOptions | undefined];
  if (typeof aws !== "object" || aws === null || !(Symbol.iterator in aws))
    throw new TypeError(`Cannot gather ${String(aws)}: expected awaitables, or one iterable of them`);
  const { returnExceptions = false, failFast = false, limit = Infinity } = options ?? {};
  if (returnExceptions && failFast)
    throw new TypeError("Cannot gather: failFast ends at the first error, returnExceptions at none; choose one");
  if (limit === Infinity)
    return gatherAll(Array.isArray(aws) ? aws : [...(aws as Iterable<unknown>)], returnExceptions, failFast);
  if (!Number.isInteger(limit) || limit < 1)
    throw new RangeError(`Cannot gather: limit must be an integer >= 1, received ${String(limit)}`);
  return new LimitedGather(aws as Iterable<unknown>, getRunningLoop(), limit, returnExceptions, failFast).start();
}

function gatherAll(aws: readonly unknown[], returnExceptions: boolean, failFast: boolean): Future<any> {
  const first = aws[0];
  const loop = isFuture(first) ? first.loop : getRunningLoop();
  // What it was given may be an array that somebody uses again.
  const children = [...aws];
  const outer = new GatheringFuture(loop, children, returnExceptions, failFast);
  if (aws.length === 0) {
    outer.settle(DONE, []);
    return outer;
  }
  if (claimAll(aws, loop)) {
    outer.begin();
    return outer;
  }
  outer.begun(takeAll(outer, aws));
  return outer;
}

/** Gives those that have failed already. Apart from the caller: what stands behind a loop that V8 optimises while it runs is thrown away with it. */
function takeAll(outer: GatheringFuture, aws: readonly unknown[]): Future<any>[] {
  const { loop, children } = outer;
  const failed: Future<any>[] = [];
  let places: Map<unknown, number> | undefined;
  for (let i = 0; i < aws.length; i++) {
    const aw = aws[i] as Awaitable<unknown>;
    if (!isFuture(aw) && mustComeOnce(aw, loop)) {
      places ??= firstPlaces(aws);
      const place = places.get(aw) as number;
      if (place < i) {
        children[i] = children[place];
        outer.oneLess();
        continue;
      }
    }
    const child = isFuture(aw) && aw.loop === loop ? aw : ensureFuture(aw, loop.plain);
    children[i] = child;
    const outcome = child.state & OUTCOME;
    if (outcome === PENDING) child.listen(outer);
    else if (outcome === DONE) {
      outer.keepResult(i, child.value);
      outer.oneLess();
    } else failed.push(child);
  }
  return failed;
}

/** Takes new coroutines for their tasks, which nobody sees before they begin: none is taken when one of them is anything else. */
function claimAll(aws: readonly unknown[], loop: EventLoop): aws is readonly GeneratorCoroutine<unknown>[] {
  if (loop.getTaskFactory() !== null || loop.observing?.ofCreation || loop.debug || loop.isClosed()) return false;
  for (let i = 0; i < aws.length; i++) {
    const aw = aws[i];
    if (aw instanceof GeneratorCoroutine && aw.isNew) {
      aw.claim();
      continue;
    }
    while (i-- > 0) (aws[i] as GeneratorCoroutine<unknown>).unclaim();
    return false;
  }
  return true;
}

/** A future may be listened to twice, and a coroutine that is still new has not been met before: these need no looking up. */
function mustComeOnce(aw: unknown, loop: EventLoop): boolean {
  if (aw instanceof GeneratorCoroutine) return !aw.isNew || loop.getTaskFactory() !== null;
  return !isGiveWay(aw);
}

function firstPlaces(aws: readonly unknown[]): Map<unknown, number> {
  const places = new Map<unknown, number>();
  for (let i = aws.length - 1; i >= 0; i--) places.set(aws[i], i);
  return places;
}
