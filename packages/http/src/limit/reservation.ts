import { RuntimeError } from "tsyncio";
import type { Share } from "./limit.ts";
import { type Cost, checkCost } from "./cost.ts";

/** What a reservation needs of the limits that gave it. */
export interface Issuer {
  /** @internal The time now, ms. */
  now(): number;
  /** @internal Takes at once what had not been reserved, and into debt where it must. */
  charge(dimension: string, amount: number, now: number): Share[];
  /** @internal What had been taken is there again, or more was taken: somebody may have his turn, or must wait longer. */
  changed(): void;
  /** @internal The reservation is no longer open. */
  closed(reservation: Reservation): void;
}

/** Where a reservation stands among the others. */
interface Place {
  readonly number: number;
  readonly settled: Cost;
}

/**
 * What `RateLimits.reserve()` has taken for one request.
 *
 * | state | it counts as | next |
 * |---|---|---|
 * | open | what was reserved; the server may not have counted it yet | settle(), correct() → settled; cancel() → cancelled |
 * | settled | what was reserved, or corrected to | correct() → settled |
 * | cancelled | nothing | |
 */
export class Reservation implements Disposable {
  /** What was reserved, by dimension. */
  readonly cost: Cost;
  /** @internal In the order in which they were granted. */
  readonly number: number;
  /** @internal What others had settled by then. */
  readonly settled: Cost;
  readonly #issuer: Issuer;
  readonly #shares: Share[];
  #state: "open" | "settled" | "cancelled" = "open";

  /** @internal */
  constructor(issuer: Issuer, place: Place, cost: Cost, shares: Share[]) {
    this.#issuer = issuer;
    this.number = place.number;
    this.settled = place.settled;
    this.cost = cost;
    this.#shares = shares;
  }

  get state(): "open" | "settled" | "cancelled" {
    return this.#state;
  }

  /**
   * Says what the request has really taken, once that is known: `correct({ tokens: usage.total_tokens })`. What was
   * reserved in excess is there for others at once; what was missing is taken now, and who comes next waits for it.
   * Dimensions that are not named stay as they are. May be called again. Also settles.
   *
   * @throws {RangeError} for a negative amount.
   * @throws {RuntimeError} after `cancel()`.
   */
  correct(actual: Cost): void {
    checkCost(actual, "correct a reservation");
    if (this.#state === "cancelled")
      throw new RuntimeError(
        "Cannot correct a reservation that was cancelled: reserve anew for what is sent after all",
      );
    this.settle();
    const now = this.#issuer.now();
    for (const [dimension, amount] of Object.entries(actual)) {
      const shares = this.#shares.filter((share) => share.dimension === dimension);
      for (const share of shares) share.correct(amount, now);
      if (shares.length === 0) this.#shares.push(...this.#issuer.charge(dimension, amount, now));
    }
    this.#issuer.changed();
  }

  /** Gives everything back: the request was never sent. Only the first call does something. */
  cancel(): void {
    if (this.#state === "cancelled") return;
    this.settle();
    this.#state = "cancelled";
    const now = this.#issuer.now();
    for (const share of this.#shares) share.correct(0, now);
    this.#issuer.changed();
  }

  /** The exchange is over, in whatever way: the server has counted it. Nothing is given back. `using` does the same. */
  settle(): void {
    if (this.#state !== "open") return;
    this.#state = "settled";
    for (const share of this.#shares) share.settle();
    this.#issuer.closed(this);
    this.#issuer.changed();
  }

  [Symbol.dispose](): void {
    this.settle();
  }
}
