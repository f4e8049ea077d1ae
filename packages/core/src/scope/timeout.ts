import { type Duration, milliseconds } from "../duration.ts";
import { CancelledError, RuntimeError, TimeoutError } from "../errors.ts";
import type { Coroutine } from "../coroutine/coroutine.ts";
import { GeneratorCoroutine, enter } from "../coroutine/generator-coroutine.ts";
import { SUSPEND, THROW } from "../coroutine/protocol.ts";
import { currentTask } from "../task/create-task.ts";
import type { Task } from "../task/task.ts";
import { type Body, begun, checkBody } from "./body.ts";
import { Deadline } from "./deadline.ts";

type TimeoutState = "created" | "active" | "expiring" | "expired" | "finished";

/**
 * A limit in time for the body it is given to. `timeout()` and `timeoutAt()` make it.
 *
 * | state | entered by | left by |
 * |---|---|---|
 * | created | constructor | the body starts → active |
 * | active | | the deadline → expiring; the end of the body → finished |
 * | expiring | the task was cancelled | the end of the body → expired |
 * | expired, finished | | |
 *
 * @see https://docs.python.org/3.13/library/asyncio-task.html#asyncio.Timeout
 */
export class Timeout extends Deadline {
  #state: TimeoutState = "created";
  #when: number | null;
  #task: Task<unknown> | null = null;
  /** The cancel requests that were there before: what is above them at the end was made inside. */
  #requests = 0;

  /** @internal Use `timeout()` or `timeoutAt()`. */
  constructor(when: number | null) {
    super();
    this.#when = when;
  }

  /** The deadline in `loop.time()` milliseconds; null for none. */
  when(): number | null {
    return this.#when;
  }

  /** Whether the deadline has struck, even when the body came to its end all the same. */
  expired(): boolean {
    return this.#state === "expiring" || this.#state === "expired";
  }

  /**
   * Moves the deadline. One that is past strikes in the next iteration; null takes it away.
   *
   * @param when in `loop.time()` milliseconds.
   * @throws {RuntimeError} when it has struck already or the body is over.
   * @throws {TypeError} for what is neither a number nor null.
   */
  reschedule(when: number | null): void {
    checkWhen(when, "reschedule Timeout");
    if (this.#state !== "active")
      throw new RuntimeError(
        `Cannot reschedule Timeout: it is ${this.#state}; move the deadline while the body runs and before it strikes`,
      );
    this.#when = when;
    const { loop } = this.#task!;
    this.arm(loop, when, loop.time());
  }

  /** @internal The body starts; `delay`, if not null, counts from now. */
  enter(delay: number | null): void {
    const task = currentTask();
    if (task === null) throw new RuntimeError("Cannot enter Timeout: there is no current task; use it inside a task");
    const { loop } = task;
    const now = loop.time();
    if (delay !== null) this.#when = now + delay;
    this.#state = "active";
    this.#task = task;
    this.#requests = task.cancelling();
    this.arm(loop, this.#when, now);
  }

  /** @internal The body is over. True when the only new cancel request was the one that the deadline made. */
  exit(): boolean {
    const task = this.#task!;
    if (this.#state === "active") this.#state = "finished";
    this.disarm(task.loop);
    if (this.#state !== "expiring") return false;
    this.#state = "expired";
    return task.uncancel() <= this.#requests;
  }

  /** @internal The body threw: what is to be thrown in its place. */
  failed(error: unknown): unknown {
    return this.exit() && error instanceof CancelledError ? new TimeoutError(undefined, { cause: error }) : error;
  }

  /** @internal */ protected override strike(): void {
    this.#state = "expiring";
    this.#task!.cancel();
  }

  override toString(): string {
    const when = this.#state === "active" ? ` when=${this.#when === null ? "null" : Math.round(this.#when)}` : "";
    return `<Timeout [${this.#state}]${when}>`;
  }
}

function checkWhen(when: number | null, what: string): void {
  if (when === null || (typeof when === "number" && when === when)) return;
  throw new TypeError(`Cannot ${what}: expected loop.time() milliseconds or null, received ${String(when)}`);
}

function* limited<T>(limit: Timeout, delay: number | null, body: Body<Timeout, T>): Generator<undefined, T, any> {
  limit.enter(delay);
  try {
    const $ = enter(begun(body, limit));
    return $ === SUSPEND ? yield : $;
  } catch (error) {
    throw limit.failed(error);
  } finally {
    limit.exit();
  }
}

/**
 * Runs `body`, for `delay` at most. The body runs in the current task; it gets the `Timeout`, with which it can move
 * the deadline. At the deadline the task is cancelled where it waits, and the `CancelledError` that leaves the body
 * becomes a `TimeoutError`, its cause. A body that never waits, or that swallows the cancellation, is not disturbed.
 *
 * Of nested timeouts that strike together the outermost throws. A cancellation from elsewhere stays a
 * `CancelledError`.
 *
 * **When cancelled**: the body is; the timer is dropped.
 *
 * @param delay null for none.
 * @throws {TimeoutError} when the deadline strikes.
 * @throws {RuntimeError} outside of a task.
 * @example
 * ```ts
 * import { TimeoutError, run, sleep, timeout } from "tsyncio";
 * async function main() {
 *   try {
 *     await timeout("10ms", async () => {
 *       await sleep("1h");
 *     });
 *   } catch (error) {
 *     if (!(error instanceof TimeoutError)) throw error;
 *     console.log("too late");
 *   }
 * }
 * await run(main()); // → too late
 * ```
 * @see https://docs.python.org/3.13/library/asyncio-task.html#asyncio.timeout
 */
export function timeout<T>(delay: Duration | null, body: Body<Timeout, T>): Coroutine<T> {
  const ms = delay === null ? null : milliseconds(delay);
  checkBody(body, "timeout");
  return new GeneratorCoroutine<T>(limited(new Timeout(null), ms, body), timeout, THROW);
}

/**
 * As `timeout()`, with a deadline on the clock of the loop.
 *
 * **When cancelled**: as `timeout()`.
 *
 * @param when in `loop.time()` milliseconds; null for none.
 * @throws {TimeoutError} when the deadline strikes.
 * @throws {RuntimeError} outside of a task.
 * @see https://docs.python.org/3.13/library/asyncio-task.html#asyncio.timeout_at
 */
export function timeoutAt<T>(when: number | null, body: Body<Timeout, T>): Coroutine<T> {
  checkWhen(when, "run timeoutAt");
  checkBody(body, "timeoutAt");
  return new GeneratorCoroutine<T>(limited(new Timeout(when), null, body), timeoutAt, THROW);
}
