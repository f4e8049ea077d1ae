import type { Coroutine } from "./coroutine.ts";
import { newCoroutine } from "./generator-coroutine.ts";
import { mark } from "./marks.ts";
import { wrapping } from "./wrapping.ts";

/** What gives a coroutine when it is called. */
export type CoroutineFunction<A extends unknown[], T, This = any> = (this: This, ...args: A) => Coroutine<T>;

/**
 * A coroutine function from a generator function: the spelling without a build step. Inside, `yield* x` awaits x.
 *
 * @example
 * ```ts
 * import { coroutine, run, sleep } from "tsyncio";
 * const fetchData = coroutine(function* (source: string) {
 *   yield* sleep(10);
 *   return `${source}: done`;
 * });
 * console.log(await run(fetchData("disk"))); // → disk: done
 * ```
 */
export function coroutine<A extends any[], T, This = any>(
  fn: (this: This, ...args: A) => Generator<any, T, any>,
): CoroutineFunction<A, T, This> {
  if (typeof fn !== "function")
    throw new TypeError(`Cannot make a coroutine function: expected a generator function, received ${String(fn)}`);
  const wrapper = function (this: This, ...args: A): Coroutine<T> {
    return newCoroutine(fn.apply(this, args), fn, 0);
  };
  return mark(wrapping(wrapper, fn));
}
