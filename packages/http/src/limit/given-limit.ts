import type { Cost } from "./cost.ts";
import type { Limit, LimitStatistics, Share } from "./limit.ts";
import type { CheckedRate } from "./rate.ts";
import { Pace } from "./pace.ts";
import { type Cell, SlidingWindow } from "./sliding-window.ts";

/** A limit that the program has set: a pace for servers with a bucket, and a window for those that count. */
export class GivenLimit implements Limit {
  readonly dimension: string;
  readonly rate: CheckedRate;
  /** @internal */ readonly pace: Pace;
  /** @internal */ readonly window: SlidingWindow;

  constructor(dimension: string, rate: CheckedRate) {
    this.dimension = dimension;
    this.rate = rate;
    this.pace = new Pace(rate.rate, rate.span, rate.burst);
    this.window = new SlidingWindow(rate.rate, rate.span);
  }

  amountOf(cost: Cost): number {
    return cost[this.dimension] ?? 0;
  }

  check(amount: number): void {
    const { rate, per } = this.rate;
    if (amount > rate)
      throw new RangeError(
        `Cannot reserve ${amount} ${this.dimension}: never are more than ${rate} given in ${per} ms; divide the request, or raise the limit`,
      );
  }

  readyAt(amount: number, now: number): number {
    return Math.max(this.pace.readyAt(amount), this.window.readyAt(amount, now));
  }

  take(amount: number, now: number): Share {
    this.pace.take(amount, now);
    return new GivenShare(this, amount, this.window.take(amount, now));
  }

  statistics(now: number): LimitStatistics {
    const { rate, per } = this.rate;
    return Object.freeze({
      dimension: this.dimension,
      source: "given",
      rate,
      per,
      remaining: rate - this.window.used(now),
    });
  }
}

class GivenShare implements Share {
  readonly #limit: GivenLimit;
  #amount: number;
  #cell: Cell;

  constructor(limit: GivenLimit, amount: number, cell: Cell) {
    this.#limit = limit;
    this.#amount = amount;
    this.#cell = cell;
  }

  get dimension(): string {
    return this.#limit.dimension;
  }

  settle(): void {}

  correct(amount: number, now: number): void {
    const { pace, window } = this.#limit;
    const more = amount - this.#amount;
    this.#amount = amount;
    if (more <= 0) {
      pace.giveBack(-more);
      window.giveBack(-more, this.#cell);
      return;
    }
    pace.take(more, now);
    // When the server has counted it is not known: as late as can be.
    const cell = window.take(more, now);
    if (this.#cell.gone) this.#cell = cell;
  }
}
