import type { Coroutine } from "../coroutine/coroutine.ts";
import { SUSPEND } from "../coroutine/protocol.ts";
import { WaitInLine, WaitList } from "../coroutine/wait-list.ts";
import { OVER, PARKED, WOKEN } from "../coroutine/wait.ts";
import { LoopBound } from "../task/loop-bound.ts";
import { Guard } from "./guard.ts";

/** How a semaphore is doing. */
export interface SemaphoreStatistics {
  /** Permits that nobody has. */
  readonly value: number;
  readonly waiters: number;
}

class Acquire extends WaitInLine<Guard> {
  readonly semaphore: Semaphore;

  constructor(semaphore: Semaphore) {
    super();
    this.semaphore = semaphore;
  }

  get name(): string {
    return "Semaphore.acquire";
  }

  enter(): Guard | typeof SUSPEND {
    this.begin();
    const { semaphore } = this;
    if (semaphore.value > 0 && semaphore.granted === 0 && semaphore.waiters.first === null) {
      semaphore.value--;
      return semaphore.guard;
    }
    semaphore.bind();
    this.park();
    semaphore.waiters.add(this);
    return SUSPEND;
  }

  resume(): Guard {
    const { semaphore } = this;
    this.phase = OVER;
    semaphore.granted--;
    semaphore.wakeAllowed();
    return semaphore.guard;
  }

  override abandon(message: unknown): boolean {
    if (this.phase === PARKED) this.semaphore.waiters.remove(this);
    return super.abandon(message);
  }

  override interrupted(): void {
    const { semaphore } = this;
    if (this.phase === WOKEN) {
      // Granted, and cancelled before it knew: the permit goes back.
      semaphore.granted--;
      semaphore.value++;
    }
    this.phase = OVER;
    semaphore.wakeAllowed();
  }
}

/**
 * A number of permits. `acquire()` takes one or waits for one, `release()` gives one back. Fair: permits go to the
 * waiting tasks in the order in which they came, and a newcomer does not overtake them.
 *
 * @example
 * ```ts
 * import { Semaphore, gather, run, sleep } from "tsyncio";
 * const permits = new Semaphore(2);
 * async function job(name: string) {
 *   using permit = await permits.acquire();
 *   await sleep(1);
 *   console.log(name);
 * }
 * await run(() => gather(job("a"), job("b"), job("c"))); // → a
 * // → b
 * // → c
 * ```
 * @see https://docs.python.org/3.13/library/asyncio-sync.html#asyncio.Semaphore
 */
export class Semaphore extends LoopBound {
  /** @internal */ value: number;
  /** @internal */ readonly waiters: WaitList = new WaitList();
  /** @internal How many have been given a permit and wait for their task's step. */
  granted = 0;
  /** @internal */ readonly guard: Guard = new Guard(this);

  /** @throws {RangeError} for a negative or fractional number of permits. */
  constructor(value = 1) {
    super();
    if (!Number.isInteger(value) || value < 0) {
      throw new RangeError(
        `Cannot create ${new.target.name}: value must be an integer >= 0, received ${String(value)}`,
      );
    }
    this.value = value;
  }

  /** Whether `acquire()` would wait: no permit is left, or others are in line for it. */
  locked(): boolean {
    return this.value === 0 || this.granted > 0 || this.waiters.first !== null;
  }

  /**
   * Takes a permit, and waits until there is one. Does not suspend when one is free and nobody waits.
   *
   * **When cancelled**: no permit is held. One that had just been given goes to the next in line.
   *
   * @returns a guard for `using`; calling `release()` does the same.
   * @throws {RuntimeError} when it must wait on another loop than the first.
   */
  acquire(): Coroutine<Guard> {
    return new Acquire(this);
  }

  /** Gives a permit back, or adds one: the first task in line has it from here on. */
  release(): void {
    this.value++;
    this.wakeNext();
  }

  /** @internal Gives a permit to the first in line; false when nobody waits. */
  wakeNext(): boolean {
    const { first } = this.waiters;
    if (first === null) return false;
    this.waiters.remove(first);
    this.value--;
    this.granted++;
    first.wake();
    return true;
  }

  /** @internal Those who came while permits were there, and had to wait behind others. */
  wakeAllowed(): void {
    while (this.value > 0 && this.wakeNext());
  }

  statistics(): SemaphoreStatistics {
    return Object.freeze({ value: this.value, waiters: this.waiters.size + this.granted });
  }

  override toString(): string {
    const waiters = this.waiters.size + this.granted;
    return `<${this.constructor.name} [${this.locked() ? "locked" : `unlocked, value:${this.value}`}${waiters > 0 ? `, waiters:${waiters}` : ""}]>`;
  }
}
