import { RuntimeError } from "../errors.ts";
import type { Coroutine } from "../coroutine/coroutine.ts";
import { GeneratorCoroutine, enter } from "../coroutine/generator-coroutine.ts";
import { NOTHING, SUSPEND, THROW } from "../coroutine/protocol.ts";
import { WaitInLine, WaitList } from "../coroutine/wait-list.ts";
import { OVER, PARKED } from "../coroutine/wait.ts";
import { exec } from "../loop/execution.ts";
import { LoopBound } from "../task/loop-bound.ts";
import { outlasting } from "../task/outlasting.ts";
import type { Guard } from "./guard.ts";
import { Lock, type LockStatistics } from "./lock.ts";

/** How a condition is doing. */
export interface ConditionStatistics {
  /** Tasks that wait for a notification. */
  readonly waiters: number;
  readonly lock: LockStatistics;
}

/** Waits for a notification; the lock is released by then. */
class Notification extends WaitInLine<undefined> {
  readonly waiters: WaitList;

  constructor(waiters: WaitList) {
    super();
    this.waiters = waiters;
  }

  get name(): string {
    return "Condition.wait";
  }

  enter(): typeof SUSPEND {
    this.park();
    this.waiters.add(this);
    return SUSPEND;
  }

  resume(): undefined {
    this.phase = OVER;
  }

  override abandon(message: unknown): boolean {
    if (this.phase === PARKED) this.waiters.remove(this);
    return super.abandon(message);
  }
}

const WAIT = { name: "Condition.wait" };
const WAIT_FOR = { name: "Condition.waitFor" };

function* waiting(condition: Condition): Generator<undefined, true, unknown> {
  const { lock } = condition;
  if (!lock.locked()) throw new RuntimeError("Cannot wait on Condition: its lock is not held; acquire() it first");
  condition.bind();
  lock.release();
  let failed = false;
  let failure: unknown;
  try {
    if (enter(new Notification(condition.waiters)) === SUSPEND) yield;
  } catch (error) {
    failed = true;
    failure = error;
  }
  // The lock is taken again in all cases: cancellations are put off until it is held, the last one counts.
  let held = false;
  const take = (): unknown => {
    if (held) return null;
    held = true;
    return lock.acquire();
  };
  const put = (error: unknown): void => {
    held = false;
    failed = true;
    failure = error;
  };
  try {
    yield* outlasting(exec.task!, take, put);
  } catch (error) {
    put(error);
  }
  if (!failed) return true;
  // It may have been notified before it failed: somebody else gets the notification.
  condition.wakeFirst(1);
  throw failure;
}

function* waitingFor<T>(condition: Condition, predicate: () => T): Generator<undefined, T, unknown> {
  let result = predicate();
  while (!result) {
    if (enter(condition.wait()) === SUSPEND) yield;
    result = predicate();
  }
  return result;
}

/**
 * Lets tasks wait, inside a lock, for a state that another task brings about and notifies. The lock is free while
 * they wait, and theirs again when they go on. Notifications go to the waiting tasks in the order in which they came.
 *
 * @example
 * ```ts
 * import { Condition, createTask, run } from "tsyncio";
 * const items: string[] = [];
 * const changed = new Condition();
 * async function consumer() {
 *   using guard = await changed.acquire();
 *   await changed.waitFor(() => items.length > 0);
 *   console.log(items.pop());
 * }
 * async function main() {
 *   const task = createTask(consumer());
 *   {
 *     using guard = await changed.acquire();
 *     items.push("apple");
 *     changed.notify();
 *   }
 *   await task;
 * }
 * await run(main()); // → apple
 * ```
 * @see https://docs.python.org/3.13/library/asyncio-sync.html#asyncio.Condition
 */
export class Condition extends LoopBound {
  /** @internal */ readonly lock: Lock;
  /** @internal */ readonly waiters: WaitList = new WaitList();

  /**
   * @param lock several conditions may share one; by default each has its own.
   * @throws {TypeError} for what is no Lock.
   */
  constructor(lock: Lock = new Lock()) {
    super();
    if (!(lock instanceof Lock))
      throw new TypeError(`Cannot create Condition: expected a Lock, received ${String(lock)}`);
    this.lock = lock;
  }

  locked(): boolean {
    return this.lock.locked();
  }

  /** Takes the lock, as `Lock.acquire()`. */
  acquire(): Coroutine<Guard> {
    return this.lock.acquire();
  }

  /** Frees the lock, as `Lock.release()`. */
  release(): void {
    this.lock.release();
  }

  /**
   * Frees the lock, waits for a notification, and takes the lock again. It may come back without one: check the
   * state again, or use `waitFor`.
   *
   * **When cancelled**: the lock is taken again first, however long that takes, so that it is held in all cases. A
   * notification that came at the same time goes to another task.
   *
   * @throws {RuntimeError} when the lock is not held, or when it waits on another loop than the first.
   */
  wait(): Coroutine<true> {
    return new GeneratorCoroutine<true>(waiting(this), WAIT, THROW);
  }

  /**
   * Waits until `predicate` gives something truthy, and gives that. The predicate is called at once, and after each
   * notification; the lock is held then.
   *
   * **When cancelled**: as `wait()`.
   *
   * @throws what the predicate throws.
   * @throws {TypeError} when `predicate` is no function.
   * @throws {RuntimeError} when it must wait and the lock is not held.
   */
  waitFor<T>(predicate: () => T): Coroutine<T> {
    if (typeof predicate !== "function")
      throw new TypeError(`Cannot wait on Condition: expected a predicate, received ${String(predicate)}`);
    return new GeneratorCoroutine<T>(waitingFor(this, predicate), WAIT_FOR, NOTHING);
  }

  /**
   * Wakes the first `n` waiting tasks, or fewer when there are not so many. They go on once the lock is free.
   *
   * @throws {RuntimeError} when the lock is not held.
   */
  notify(n = 1): void {
    if (!this.locked()) throw new RuntimeError("Cannot notify Condition: its lock is not held; acquire() it first");
    this.wakeFirst(n);
  }

  /** Wakes every waiting task. @throws {RuntimeError} when the lock is not held. */
  notifyAll(): void {
    this.notify(Infinity);
  }

  /** @internal */
  wakeFirst(n: number): void {
    const { waiters } = this;
    for (let wait = waiters.first; wait !== null && n > 0; wait = waiters.first, n--) {
      waiters.remove(wait);
      wait.wake();
    }
  }

  statistics(): ConditionStatistics {
    return Object.freeze({ waiters: this.waiters.size, lock: this.lock.statistics() });
  }

  override toString(): string {
    const { size } = this.waiters;
    return `<${this.constructor.name} [${this.locked() ? "locked" : "unlocked"}${size > 0 ? `, waiters:${size}` : ""}]>`;
  }
}
