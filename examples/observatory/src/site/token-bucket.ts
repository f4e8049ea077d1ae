export interface Allowance {
  /** Tokens that come back each second. */
  readonly rate: number;
  /** Tokens that the full bucket holds. */
  readonly burst: number;
}

/** A rate limit: each request takes one token, and those that find none are told when to come again. */
export class TokenBucket {
  readonly #allowance: Allowance;
  #tokens: number;
  #filledAt: number;

  constructor(allowance: Allowance, now: number) {
    this.#allowance = allowance;
    this.#tokens = allowance.burst;
    this.#filledAt = now;
  }

  /** Takes a token at the time `now` (milliseconds): 0, or else the seconds until there is one, at least 1. */
  take(now: number): number {
    const { rate, burst } = this.#allowance;
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#filledAt) / 1000) * rate);
    this.#filledAt = now;
    if (this.#tokens >= 1) {
      this.#tokens -= 1;
      return 0;
    }
    return Math.max(1, Math.ceil((1 - this.#tokens) / rate));
  }
}
