import type { EventLoop } from "../loop/event-loop.ts";
import { exec } from "../loop/execution.ts";
import type { TimerEntry } from "../loop/timer-heap.ts";
import { shownAsText } from "../loop/shown-as-text.ts";

/** Something that strikes when its time has come. It is its own entry among the timers. */
export abstract class Deadline implements TimerEntry {
  static {
    shownAsText(this.prototype);
  }

  /** The entry that counts; null when none does. */
  #armed: TimerEntry | null = null;
  #used = false;
  #inHeap = false;

  /** @internal */ protected abstract strike(): void;

  /** @internal */
  get dead(): boolean {
    return this.#armed !== this;
  }

  /** @internal */
  fire(): void {
    this.reached(this);
  }

  /** @internal The time of `entry` has come. */
  reached(entry: TimerEntry): void {
    if (this.#armed !== entry) return;
    this.#armed = null;
    exec.context = undefined;
    this.strike();
  }

  /** @internal */
  isArmed(entry: TimerEntry): boolean {
    return this.#armed === entry;
  }

  /** @internal Strikes at `when`, in the next iteration when that is past; never for null and Infinity. */
  protected arm(loop: EventLoop, when: number | null, now: number): void {
    this.disarm(loop);
    if (when === null || when === Infinity) return;
    // An entry that was put off stays among the timers for a while, dead: the next one must be another object.
    const entry = this.#used ? new Moved(this) : this;
    this.#used = true;
    this.#armed = entry;
    this.#inHeap = when > now;
    if (!this.#inHeap) loop.soon(entry);
    else if (loop.idle) loop.addTimer(when, entry);
    // The way around addTimer() saves a look at the clock, a tenth of a timeout.
    else loop.timers.push(when, entry);
  }

  /** @internal */ protected disarm(loop: EventLoop): void {
    if (this.#armed === null) return;
    this.#armed = null;
    if (this.#inHeap) loop.timers.died();
  }
}

/** The entry of a deadline that was moved. */
class Moved implements TimerEntry {
  readonly #deadline: Deadline;

  constructor(deadline: Deadline) {
    this.#deadline = deadline;
  }

  get dead(): boolean {
    return !this.#deadline.isArmed(this);
  }

  fire(): void {
    this.#deadline.reached(this);
  }
}
