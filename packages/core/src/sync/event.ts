import type { Coroutine } from "../coroutine/coroutine.ts";
import { SUSPEND } from "../coroutine/protocol.ts";
import { WaitInLine, WaitList } from "../coroutine/wait-list.ts";
import { OVER, PARKED } from "../coroutine/wait.ts";
import { LoopBound } from "../task/loop-bound.ts";

/** How an event is doing. */
export interface EventStatistics {
  readonly isSet: boolean;
  readonly waiters: number;
}

class EventWait extends WaitInLine<true> {
  readonly event: Event;

  constructor(event: Event) {
    super();
    this.event = event;
  }

  get name(): string {
    return "Event.wait";
  }

  enter(): true | typeof SUSPEND {
    this.begin();
    const { event } = this;
    if (event.flag) return true;
    event.bind();
    this.park();
    event.waiters.add(this);
    return SUSPEND;
  }

  resume(): true {
    this.phase = OVER;
    return true;
  }

  override abandon(message: unknown): boolean {
    if (this.phase === PARKED) this.event.waiters.remove(this);
    return super.abandon(message);
  }
}

/**
 * A flag that tasks can wait for. `set()` wakes all of them, in the order in which they came.
 *
 * @example
 * ```ts
 * import { Event, createTask, run } from "tsyncio";
 * async function main() {
 *   const ready = new Event();
 *   createTask((async () => ready.set())());
 *   console.log(await ready.wait());
 * }
 * await run(main()); // → true
 * ```
 * @see https://docs.python.org/3.13/library/asyncio-sync.html#asyncio.Event
 */
export class Event extends LoopBound {
  /** @internal */ flag = false;
  /** @internal */ readonly waiters: WaitList = new WaitList();

  isSet(): boolean {
    return this.flag;
  }

  /** Sets the flag and wakes every task that waits, also when the flag is cleared right afterwards. */
  set(): void {
    if (this.flag) return;
    this.flag = true;
    const { waiters } = this;
    for (let wait = waiters.first; wait !== null; wait = waiters.first) {
      waiters.remove(wait);
      wait.wake();
    }
  }

  /** Tasks that ask from now on wait for the next `set()`. */
  clear(): void {
    this.flag = false;
  }

  /**
   * Waits until the flag is set. Does not suspend when it is.
   *
   * **When cancelled**: nothing is held or lost.
   *
   * @throws {RuntimeError} when it must wait on another loop than the first.
   */
  wait(): Coroutine<true> {
    return new EventWait(this);
  }

  statistics(): EventStatistics {
    return Object.freeze({ isSet: this.flag, waiters: this.waiters.size });
  }

  override toString(): string {
    const { size } = this.waiters;
    return `<${this.constructor.name} [${this.flag ? "set" : "unset"}${size > 0 ? `, waiters:${size}` : ""}]>`;
  }
}
