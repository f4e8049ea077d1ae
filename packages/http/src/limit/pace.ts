/**
 * A token bucket that may owe: what asks for more than it holds goes when it is full, and whoever comes next waits until
 * that has been paid. With a burst of one this is the even pace known as GCRA.
 *
 * @see https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
 */
export class Pace {
  readonly #burst: number;
  /** Milliseconds for one token. */
  readonly #interval: number;
  /** When the bucket will be full if nothing more is taken: this alone says what is in it at any time. */
  #fullAt = -Infinity;

  constructor(rate: number, per: number, burst: number) {
    this.#burst = burst;
    this.#interval = per / rate;
  }

  readyAt(amount: number): number {
    return this.#fullAt + (Math.min(amount, this.#burst) - this.#burst) * this.#interval;
  }

  take(amount: number, now: number): void {
    this.#fullAt = Math.max(this.#fullAt, now) + amount * this.#interval;
  }

  giveBack(amount: number): void {
    this.#fullAt -= amount * this.#interval;
  }
}
