/** It lasts no longer than this, ms: then what is not known cannot be helped. */
const LONGEST = 30_000;
/** When so many go at once it is over. */
const ENOUGH = 64;

/**
 * After a refusal by a server that says nothing of its limits: one request, and one more with each round of them that goes well.
 * All of those that have waited at once would be refused again.
 */
export class Reopening {
  /** How many may be on their way. */
  #places = Infinity;
  /** How many are, of those that were granted since. */
  #onTheirWay = 0;
  /** The last reservation before it began. */
  #before = 0;
  #until = -Infinity;

  /**
   * @param opens when requests may go again.
   * @param last the number of the last reservation until now.
   */
  begin(opens: number, last: number): void {
    this.#places = 1;
    this.#onTheirWay = 0;
    this.#before = last;
    this.#until = opens + LONGEST;
  }

  readyAt(now: number): number {
    if (now >= this.#until) this.#places = Infinity;
    return this.#onTheirWay < Math.floor(this.#places) ? -Infinity : this.#until;
  }

  granted(): void {
    this.#onTheirWay++;
  }

  /** @param number of the reservation; when it is not known it is taken to be one of those. */
  ended(number: number = Infinity): void {
    if (number > this.#before && this.#onTheirWay > 0) this.#onTheirWay--;
  }

  succeeded(): void {
    this.#places += 1 / this.#places;
    if (this.#places > ENOUGH) this.#places = Infinity;
  }
}
