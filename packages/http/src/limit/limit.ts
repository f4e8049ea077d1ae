import type { Cost } from "./cost.ts";

/** One limit, as `RateLimits` sees it. Times are milliseconds on the loop's clock. */
export interface Limit {
  /** What it counts: "requests", "tokens". */
  readonly dimension: string;
  /** How much of the cost it counts. */
  amountOf(cost: Cost): number;
  /** @throws {RangeError} when so much can never be used. */
  check(amount: number): void;
  /** When so much may be used, if nobody else uses any until then. */
  readyAt(amount: number, now: number): number;
  take(amount: number, now: number): Share;
  statistics(now: number): LimitStatistics;
}

/** What one reservation has of one limit. */
export interface Share {
  readonly dimension: string;
  /** From here on it counts as `amount`. */
  correct(amount: number, now: number): void;
  /** The server has counted it by now. */
  settle(): void;
}

/** How one limit is doing. */
export interface LimitStatistics {
  /** What it counts: `"requests"`, `"tokens"`. */
  readonly dimension: string;
  /** Whether it was given to the constructor, or learnt from answers. */
  readonly source: "given" | "learnt";
  /** How much may be used in each `per`; null when the server has not said. */
  readonly rate: number | null;
  /** In milliseconds; null when the server has not said. */
  readonly per: number | null;
  /** What can still be used before something has to wait for time to pass; below 0 when more was used than was known. */
  readonly remaining: number;
}
