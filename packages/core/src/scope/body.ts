import type { Awaitable } from "../coroutine/coroutine.ts";
import { GeneratorCoroutine } from "../coroutine/generator-coroutine.ts";
import { KIND, THROW } from "../coroutine/protocol.ts";

/**
 * What runs inside a scope: a coroutine function of either spelling, a plain generator function, or a function that
 * gives anything that can be awaited.
 */
export type Body<A, T> = (argument: A) => Awaitable<T> | Generator<any, T, any>;

/** Calls a body; what it gives is to be entered. */
export function begun<A>(body: Body<A, unknown>, argument: A): unknown {
  const result: unknown = body(argument);
  return isGenerator(result) ? new GeneratorCoroutine(result, body, THROW) : result;
}

function isGenerator(x: unknown): x is Generator<unknown, unknown, unknown> {
  if (typeof x !== "object" || x === null || (x as { [KIND]?: unknown })[KIND] !== undefined) return false;
  return Object.prototype.toString.call(x) === "[object Generator]";
}

/** @throws {TypeError} for what is no function. */
export function checkBody(body: unknown, what: string): void {
  if (typeof body === "function") return;
  throw new TypeError(
    `Cannot run ${what}: expected a function as its body, received ${String(body)}; write ${what}(..., async () => { ... })`,
  );
}
