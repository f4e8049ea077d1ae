import type { EventLoop } from "tsyncio";

/**
 * A time limit that is moved on again and again: moving it costs a look at the clock, no timer is made or cancelled. The one
 * timer looks, when it strikes, whether it is too late by now.
 */
export class Patience {
  readonly #loop: EventLoop;
  readonly #exhausted: () => void;
  #timer: { cancel(): void; when(): number } | null = null;
  #due = Infinity;
  #limit: number | null = null;

  constructor(loop: EventLoop, exhausted: () => void) {
    this.#loop = loop;
    this.#exhausted = exhausted;
  }

  /** From now on it lasts for `limit` milliseconds; null: for ever. */
  begin(limit: number | null): void {
    this.#limit = limit;
    this.renew();
  }

  /** The limit begins anew. */
  renew(): void {
    const limit = this.#limit;
    if (limit === null) {
      this.#due = Infinity;
      return;
    }
    this.#due = this.#loop.time() + limit;
    if (this.#timer !== null && this.#timer.when() <= this.#due) return;
    this.#timer?.cancel();
    this.#set();
  }

  /** Nothing is waited for. */
  end(): void {
    this.#due = Infinity;
    this.#timer?.cancel();
    this.#timer = null;
  }

  #set(): void {
    this.#timer = this.#loop.callAt(this.#due, look, this);
  }

  /** @internal */
  look(): void {
    this.#timer = null;
    if (this.#due === Infinity) return;
    if (this.#loop.time() < this.#due) return this.#set();
    this.#due = Infinity;
    this.#exhausted();
  }
}

function look(patience: Patience): void {
  patience.look();
}
