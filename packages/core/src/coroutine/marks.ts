import type { Coroutine } from "./coroutine.ts";

const COROUTINE_FUNCTION: unique symbol = Symbol("coroutine function");

/** Marks compiled coroutine functions. Gives its first argument. */
export function mark<F extends Function>(fn: F, ...more: Function[]): F {
  (fn as unknown as Record<symbol, boolean>)[COROUTINE_FUNCTION] = true;
  for (let i = 0; i < more.length; i++) (more[i] as unknown as Record<symbol, boolean>)[COROUTINE_FUNCTION] = true;
  return fn;
}

/** Whether calling `fn` gives a coroutine. */
export function isCoroutineFunction(fn: unknown): fn is (...args: any[]) => Coroutine<any> {
  return typeof fn === "function" && (fn as unknown as Record<symbol, boolean>)[COROUTINE_FUNCTION] === true;
}
