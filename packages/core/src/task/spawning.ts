import type { Awaitable } from "../coroutine/coroutine.ts";
import { CANCELLED, FAILED, OUTCOME } from "./future.ts";
import { ensureFuture, loopForNativeCode } from "./create-task.ts";

/**
 * A plain callback from a coroutine function: each call schedules a task. For event emitters, timers and everything
 * else that calls back and does not await. Errors go to the loop's exception handler.
 *
 * @throws {TypeError} when `fn` is no function.
 * @example
 * ```ts fragment
 * socket.on("data", spawning(async (chunk) => { await store(chunk); }));
 * ```
 */
export function spawning<A extends unknown[]>(fn: (...args: A) => Awaitable<unknown>): (...args: A) => void {
  if (typeof fn !== "function") throw new TypeError(`Cannot adapt ${String(fn)}: expected a coroutine function`);
  const spawn = function (this: unknown, ...args: A): void {
    const loop = loopForNativeCode();
    const task = ensureFuture(fn.apply(this, args), { loop });
    task.listen({
      notify: () => {
        if ((task.state & OUTCOME) === FAILED)
          loop.callExceptionHandler({
            message: `Exception in spawned coroutine ${fn.name || "anonymous"}()`,
            exception: task.exception(),
            task,
          });
        else if ((task.state & OUTCOME) === CANCELLED) task.markRead();
      },
      fire: () => {},
    });
  };
  return spawn;
}
