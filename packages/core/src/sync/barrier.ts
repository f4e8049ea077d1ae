import type { Coroutine } from "../coroutine/coroutine.ts";
import { GeneratorCoroutine, enter } from "../coroutine/generator-coroutine.ts";
import { FINALLY, NOTHING, SUSPEND } from "../coroutine/protocol.ts";
import { Condition } from "./condition.ts";
import { shownAsText } from "../loop/shown-as-text.ts";
import { BrokenBarrierError } from "./broken-barrier-error.ts";

/**
 * | state | entered by | left by |
 * |---|---|---|
 * | filling | constructor; the last task that leaves | the last arrival → draining |
 * | draining | the last arrival | the last task that leaves → filling |
 * | resetting | reset() while tasks wait | the last task that leaves → filling |
 * | broken | abort() | reset() → filling, or resetting while tasks are inside |
 */
export type BarrierState = "filling" | "draining" | "resetting" | "broken";

/** How a barrier is doing. */
export interface BarrierStatistics {
  readonly state: BarrierState;
  readonly parties: number;
  /** Tasks that wait for the others. */
  readonly waiters: number;
}

const WAIT = { name: "Barrier.wait" };
const RESET = { name: "Barrier.reset" };
const ABORT = { name: "Barrier.abort" };

function* waiting(barrier: Barrier): Generator<undefined, number, unknown> {
  const { condition } = barrier;
  if (enter(condition.acquire()) === SUSPEND) yield;
  try {
    if (enter(condition.waitFor(barrier.open)) === SUSPEND) yield;
    if (barrier.broken) throw new BrokenBarrierError("Cannot wait in Barrier: it was aborted; reset() it first");
    try {
      const index = barrier.inside++;
      if (index + 1 === barrier.parties) {
        barrier.state = "draining";
        condition.notifyAll();
      } else {
        if (enter(condition.waitFor(barrier.filled)) === SUSPEND) yield;
        if (barrier.state !== "draining")
          throw new BrokenBarrierError("Cannot wait in Barrier: it was aborted or reset meanwhile");
      }
      return index;
    } finally {
      barrier.leave();
    }
  } finally {
    condition.release();
  }
}

function* changing(barrier: Barrier, change: () => void): Generator<undefined, void, unknown> {
  const { condition } = barrier;
  if (enter(condition.acquire()) === SUSPEND) yield;
  change();
  condition.notifyAll();
  condition.release();
}

/**
 * Lets a fixed number of tasks through together, again and again. Tasks that come while others still leave wait for
 * the next round.
 *
 * @example
 * ```ts
 * import { Barrier, gather, run } from "tsyncio";
 * async function main() {
 *   const barrier = new Barrier(2);
 *   console.log(await gather(barrier.wait(), barrier.wait()));
 * }
 * await run(main()); // → [ 0, 1 ]
 * ```
 * @see https://docs.python.org/3.13/library/asyncio-sync.html#asyncio.Barrier
 */
export class Barrier {
  static {
    shownAsText(this.prototype);
  }

  /** How many tasks it takes to pass. */
  readonly parties: number;
  /** @internal */ state: BarrierState = "filling";
  /** @internal Tasks that have arrived and not left. */ inside = 0;
  /** @internal */ readonly condition: Condition = new Condition();
  /** @internal */ readonly open: () => boolean = () => this.state === "filling" || this.state === "broken";
  /** @internal */ readonly filled: () => boolean = () => this.state !== "filling";

  /** @throws {RangeError} when `parties` is no integer of at least 1. */
  constructor(parties: number) {
    if (!Number.isInteger(parties) || parties < 1)
      throw new RangeError(`Cannot create Barrier: parties must be an integer >= 1, received ${String(parties)}`);
    this.parties = parties;
  }

  /** How many tasks wait for the others; 0 while they leave. */
  get nWaiting(): number {
    return this.state === "filling" ? this.inside : 0;
  }

  /** Whether it was aborted and not reset since. */
  get broken(): boolean {
    return this.state === "broken";
  }

  /**
   * Waits for the other parties. Gives the position of the task among them, from 0 in the order of arrival. The last
   * to arrive goes on at once, the others after it.
   *
   * **When cancelled**: the task counts no longer; the barrier goes on waiting for another one.
   *
   * @throws {BrokenBarrierError} when the barrier is broken, is aborted, or is reset while the task waits.
   */
  wait(): Coroutine<number> {
    return new GeneratorCoroutine<number>(waiting(this), WAIT, FINALLY);
  }

  /**
   * Sends the waiting tasks away with `BrokenBarrierError` and starts afresh; also a broken barrier.
   *
   * **When cancelled**: nothing was changed.
   */
  reset(): Coroutine<void> {
    const change = (): void => void (this.state = this.inside > 0 ? "resetting" : "filling");
    return new GeneratorCoroutine<void>(changing(this, change), RESET, NOTHING);
  }

  /**
   * Breaks the barrier: who waits and who comes gets `BrokenBarrierError`, until `reset()`.
   *
   * **When cancelled**: nothing was changed.
   */
  abort(): Coroutine<void> {
    const change = (): void => void (this.state = "broken");
    return new GeneratorCoroutine<void>(changing(this, change), ABORT, NOTHING);
  }

  /** @internal */
  leave(): void {
    if (--this.inside > 0) return;
    if (this.state === "resetting" || this.state === "draining") this.state = "filling";
    this.condition.notifyAll();
  }

  statistics(): BarrierStatistics {
    return Object.freeze({ state: this.state, parties: this.parties, waiters: this.nWaiting });
  }

  toString(): string {
    return `<${this.constructor.name} [${this.state}${this.broken ? "" : `, waiters:${this.nWaiting}/${this.parties}`}]>`;
  }
}
