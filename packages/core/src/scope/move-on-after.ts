import { type Duration, milliseconds } from "../duration.ts";
import type { Coroutine } from "../coroutine/coroutine.ts";
import { GeneratorCoroutine } from "../coroutine/generator-coroutine.ts";
import { THROW } from "../coroutine/protocol.ts";
import { getRunningLoop } from "../loop/running.ts";
import { type Body, checkBody } from "./body.ts";
import { CAUGHT, CancelScope, scoped } from "./cancel-scope.ts";

/** How a body with a limit ended: with its value, or by the limit. */
export type MovedOn<T> =
  | { readonly cancelled: false; readonly value: T }
  | { readonly cancelled: true; readonly value?: undefined };

function* movingOn<T>(delay: number, body: Body<CancelScope, T>): Generator<undefined, MovedOn<T>, any> {
  const scope = new CancelScope({ deadline: getRunningLoop().time() + delay });
  const value = yield* scoped(scope, body);
  return value === CAUGHT ? { cancelled: true } : { cancelled: false, value };
}

/**
 * Runs `body`, for `delay` at most, and goes on: it says whether the time was up, and does not throw. The body runs in
 * a cancel scope, whose deadline it can move.
 *
 * **When cancelled**: the body is; the timer is dropped.
 *
 * @param delay null for none.
 * @throws what the body throws.
 * @throws {RuntimeError} outside of a task.
 * @example
 * ```ts
 * import { moveOnAfter, run, sleep } from "tsyncio";
 * async function main() {
 *   const quick = await moveOnAfter(1000, async () => "in time");
 *   const slow = await moveOnAfter(5, async () => await sleep(1000));
 *   console.log(quick.value, slow.cancelled);
 * }
 * await run(main()); // → in time true
 * ```
 * @see https://anyio.readthedocs.io/en/stable/cancellation.html#timeouts
 */
export function moveOnAfter<T>(delay: Duration | null, body: Body<CancelScope, T>): Coroutine<MovedOn<T>> {
  const ms = delay === null ? Infinity : milliseconds(delay);
  checkBody(body, "moveOnAfter");
  return new GeneratorCoroutine<MovedOn<T>>(movingOn(ms, body), moveOnAfter, THROW);
}
