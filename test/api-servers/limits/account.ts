import { FixedWindow } from "./fixed-window.ts";
import type { LimitKind, Limiter, Verdict } from "./limiter.ts";
import { SlidingWindow } from "./sliding-window.ts";
import { TokenBucket } from "./token-bucket.ts";

/** The limits of an account. */
export interface AccountLimits {
  /** Default: `"sliding-window"`. */
  readonly kind?: LimitKind;
  /** The length of a window in milliseconds: a minute in earnest, less where a test has no minute. Default: 60,000. */
  readonly per?: number;
  /** How much a token bucket holds at most, by dimension. Default: the limit. */
  readonly burst?: Readonly<Record<string, number>>;
  /** Whether what is refused counts as a request all the same, as it does at OpenAI. Default: false. */
  readonly refusedCount?: boolean;
  /** Requests per `per`. Default: any number. */
  readonly requests?: number;
  /** Tokens per `per`, of input and output together. Default: any number. */
  readonly tokens?: number;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
}

/** In the order in which they are named when several refuse. */
export const DIMENSIONS = ["requests", "tokens", "inputTokens", "outputTokens"] as const;
export type Dimension = (typeof DIMENSIONS)[number];
export type Costs = Readonly<Record<Dimension, number>>;

/** What became of a request at the door. */
export interface Admission {
  /** Which limit refused it; null: it is let in, and its costs are taken. */
  readonly refusedBy: Dimension | null;
  /** Milliseconds until it would be let in. */
  readonly wait: number;
  /** Of the limits that there are. */
  readonly limits: readonly { readonly dimension: Dimension; readonly limit: number; readonly state: Verdict }[];
}

/** All limits of an account together: a request is let in when each has room for it, and only then takes of any. */
export class Account {
  readonly #limiters: readonly (readonly [Dimension, Limiter])[];
  readonly #refusedCount: boolean;

  constructor(limits: AccountLimits) {
    const { kind = "sliding-window", per = 60_000, burst = {} } = limits;
    const limiter = (dimension: Dimension, limit: number): Limiter => {
      if (kind === "fixed-window") return new FixedWindow(limit, per);
      return kind === "sliding-window" ? new SlidingWindow(limit, per) : new TokenBucket(limit, per, burst[dimension]);
    };
    this.#limiters = DIMENSIONS.flatMap((dimension) => {
      const limit = limits[dimension];
      return limit === undefined ? [] : [[dimension, limiter(dimension, limit)] as const];
    });
    this.#refusedCount = limits.refusedCount ?? false;
  }

  admit(costs: Costs, now: number): Admission {
    let refusedBy: Dimension | null = null;
    let wait = 0;
    for (const [dimension, limiter] of this.#limiters) {
      const verdict = limiter.ask(costs[dimension], now);
      if (verdict.wait <= wait) continue;
      ({ wait } = verdict);
      refusedBy = dimension;
    }
    for (const [dimension, limiter] of this.#limiters) {
      if (refusedBy === null) limiter.take(costs[dimension], now);
      else if (this.#refusedCount && dimension === "requests") limiter.take(1, now);
    }
    const limits = this.#limiters.map(([dimension, limiter]) => ({
      dimension,
      limit: limiter.limit,
      state: limiter.ask(0, now),
    }));
    return { refusedBy, wait, limits };
  }
}
