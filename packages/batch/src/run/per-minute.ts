const SECONDS = 60;

/** How much there was in the last minute, to the second. */
export class PerMinute {
  readonly #amounts: Float64Array = new Float64Array(SECONDS);
  readonly #began: number;
  #second = 0;

  constructor(now: number) {
    this.#began = now;
  }

  add(amount: number, now: number): void {
    this.#forget(now);
    this.#amounts[this.#second % SECONDS]! += amount;
  }

  /** The amount of the last minute; less time is there at the beginning. */
  amount(now: number): number {
    this.#forget(now);
    return this.#amounts.reduce((sum, amount) => sum + amount, 0);
  }

  /** How many milliseconds `amount` is about. */
  span(now: number): number {
    const within = (now - this.#began) % 1000;
    return Math.min(now - this.#began, (SECONDS - 1) * 1000 + within);
  }

  #forget(now: number): void {
    const second = Math.floor((now - this.#began) / 1000);
    for (let gone = this.#second + 1; gone <= Math.min(second, this.#second + SECONDS); gone++)
      this.#amounts[gone % SECONDS] = 0;
    this.#second = Math.max(this.#second, second);
  }
}
