/** What a limit says of a request. */
export interface Verdict {
  /** Milliseconds until it would be let in; 0: it is. */
  readonly wait: number;
  /** What is left behind it. */
  readonly remaining: number;
  /** Milliseconds until everything is there again. */
  readonly reset: number;
}

/** How a limit is counted. */
export type LimitKind = "fixed-window" | "sliding-window" | "token-bucket";

/** One limit: so much per `per`. Times are milliseconds of one clock, which never goes back. */
export interface Limiter {
  readonly limit: number;
  /** Whether `cost` has room at the time `now`. Takes nothing. */
  ask(cost: number, now: number): Verdict;
  /** Takes it, room or not. */
  take(cost: number, now: number): void;
}
