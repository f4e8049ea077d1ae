import { type Duration, milliseconds } from "../duration.ts";
import type { Coroutine } from "../coroutine/coroutine.ts";
import { SUSPEND } from "../coroutine/protocol.ts";
import { Await, PARKED, Wait } from "../coroutine/wait.ts";
import type { TimerEntry } from "../loop/timer-heap.ts";

/** Gives way for one iteration. It has no state: one object serves everybody. */
class GiveWay extends Wait<undefined> {
  get name(): string {
    return "sleep";
  }

  enter(): typeof SUSPEND {
    return SUSPEND;
  }

  resume(): undefined {}

  override [Symbol.iterator](): Iterator<undefined, undefined, any> {
    return new Await(this);
  }
}

const GIVE_WAY = new GiveWay();

/** @internal Whether it is what every `sleep(0)` gives: given twice, it was asked for twice. */
export function isGiveWay(aw: unknown): boolean {
  return aw === GIVE_WAY;
}

class GiveWayWith<T> extends Wait<T> {
  readonly #result: T;

  constructor(result: T) {
    super();
    this.#result = result;
  }

  get name(): string {
    return "sleep";
  }

  enter(): typeof SUSPEND {
    this.begin();
    this.park();
    this.wake();
    return SUSPEND;
  }

  resume(): T {
    return this.#result;
  }
}

/** It is its own entry among the timers. */
class Sleep<T> extends Wait<T | undefined> implements TimerEntry {
  readonly #delay: number;

  constructor(delay: number) {
    super();
    this.#delay = delay;
  }

  get name(): string {
    return "sleep";
  }

  enter(): typeof SUSPEND {
    this.begin();
    this.park();
    const { loop } = this.task!;
    const now = loop.time();
    loop.addTimer(now + this.#delay, this, now);
    return SUSPEND;
  }

  get dead(): boolean {
    return this.phase !== PARKED;
  }

  /** The timer is due: the task goes on one iteration later. */
  fire(): void {
    if (this.phase === PARKED) this.wake();
  }

  override abandon(message: unknown): boolean {
    if (!super.abandon(message)) return false;
    this.task!.loop.timers.died();
    return true;
  }

  resume(): T | undefined {
    return undefined;
  }
}

class SleepWith<T> extends Sleep<T> {
  readonly #result: T;

  constructor(delay: number, result: T) {
    super(delay);
    this.#result = result;
  }

  override resume(): T {
    return this.#result;
  }
}

/**
 * Waits for `delay`, then gives `result`. `sleep(0)` gives way: everything that is ready runs once before it goes on.
 *
 * **When cancelled**: the timer is dropped at once.
 *
 * @throws {RangeError} for NaN.
 * @example
 * ```ts
 * import { run, sleep } from "tsyncio";
 * console.log(await run(sleep("10ms", "rested"))); // → rested
 * ```
 * @see https://docs.python.org/3.13/library/asyncio-task.html#asyncio.sleep
 */
export function sleep(delay: Duration): Coroutine<undefined>;
export function sleep<T>(delay: Duration, result: T): Coroutine<T>;
export function sleep(delay: Duration, result?: unknown): Coroutine<unknown> {
  if (delay === 0 && result === undefined) return GIVE_WAY;
  const ms = milliseconds(delay);
  if (result === undefined) return ms > 0 ? new Sleep(ms) : GIVE_WAY;
  return ms > 0 ? new SleepWith(ms, result) : new GiveWayWith(result);
}
