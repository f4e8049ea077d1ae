import type { Coroutine } from "../coroutine/coroutine.ts";
import type { Task } from "../task/task.ts";
import { RuntimeError } from "../errors.ts";
import { SUSPEND } from "../coroutine/protocol.ts";
import { WaitInLine, WaitList } from "../coroutine/wait-list.ts";
import { CANCELLED, OVER, PARKED } from "../coroutine/wait.ts";
import { exec } from "../loop/execution.ts";
import { LoopBound } from "../task/loop-bound.ts";
import { Guard } from "./guard.ts";

/** How a lock is doing. */
export interface LockStatistics {
  readonly locked: boolean;
  /** The task that acquired it. */
  readonly holder: Task<unknown> | null;
  readonly waiters: number;
}

class Acquire extends WaitInLine<Guard> {
  readonly lock: Lock;

  constructor(lock: Lock) {
    super();
    this.lock = lock;
  }

  get name(): string {
    return "Lock.acquire";
  }

  enter(): Guard | typeof SUSPEND {
    this.begin();
    const { lock } = this;
    // Who comes now does not overtake one that is woken and has not had its step yet.
    if (!lock.held && lock.waiters.size === lock.cancelled) {
      lock.held = true;
      lock.holder = exec.task;
      return lock.guard;
    }
    lock.bind();
    this.park();
    lock.waiters.add(this);
    return SUSPEND;
  }

  resume(): Guard {
    const { lock } = this;
    this.phase = OVER;
    lock.waiters.remove(this);
    lock.held = true;
    lock.holder = this.task;
    return lock.guard;
  }

  override abandon(message: unknown): boolean {
    if (!super.abandon(message)) return false;
    this.lock.cancelled++;
    return true;
  }

  override interrupted(): void {
    const { lock } = this;
    if (this.phase === CANCELLED) lock.cancelled--;
    this.phase = OVER;
    lock.waiters.remove(this);
    // Passes on a wake-up that it may have used up.
    if (!lock.held) lock.wakeFirst();
  }
}

/**
 * Lets one task at a time into a section. Fair: it goes to the waiting tasks in the order in which they came, and a
 * task that releases it and asks again stands behind them. A task that holds it and asks again waits for itself.
 *
 * @example
 * ```ts
 * import { Lock, gather, run, sleep } from "tsyncio";
 * const lock = new Lock();
 * async function work(name: string) {
 *   using guard = await lock.acquire();
 *   await sleep(1);
 *   console.log(name);
 * }
 * await run(() => gather(work("first"), work("second"))); // → first
 * // → second
 * ```
 * @see https://docs.python.org/3.13/library/asyncio-sync.html#asyncio.Lock
 */
export class Lock extends LoopBound {
  /** @internal */ held = false;
  /** @internal */ holder: Task<unknown> | null = null;
  /** @internal Woken and cancelled ones stay until their task's next step. */
  readonly waiters: WaitList = new WaitList();
  /** @internal How many of `waiters` are cancelled. */
  cancelled = 0;
  /** @internal */ readonly guard: Guard = new Guard(this);

  /** Whether it is held. Between a release and the step of the woken task it is not. */
  locked(): boolean {
    return this.held;
  }

  /**
   * Waits until the lock is free and takes it. Does not suspend when it is free and nobody waits.
   *
   * **When cancelled**: the lock is not held. If it had just been handed over, it goes to the next in line.
   *
   * @returns a guard for `using`; calling `release()` does the same.
   * @throws {RuntimeError} when it must wait on another loop than the first.
   */
  acquire(): Coroutine<Guard> {
    return new Acquire(this);
  }

  /**
   * Frees the lock and wakes the first task in line.
   *
   * @throws {RuntimeError} when it is not held.
   */
  release(): void {
    if (!this.held) throw notHeld(this);
    this.held = false;
    this.holder = null;
    this.wakeFirst();
  }

  /** @internal Only the head: when that is cancelled, it wakes the next at its own step. */
  wakeFirst(): void {
    const { first } = this.waiters;
    if (first !== null && first.phase === PARKED) first.wake();
  }

  statistics(): LockStatistics {
    return Object.freeze({ locked: this.held, holder: this.holder, waiters: this.waiters.size - this.cancelled });
  }

  override toString(): string {
    const { size } = this.waiters;
    return `<${this.constructor.name} [${this.held ? "locked" : "unlocked"}${size > 0 ? `, waiters:${size}` : ""}]>`;
  }
}

function notHeld(lock: Lock): RuntimeError {
  return new RuntimeError(`Cannot release ${lock.constructor.name}: it is not acquired`);
}
