import type { Limiter, Verdict } from "./limiter.ts";

/** Refills continuously, `limit` in each `per`, and holds at most `burst`. */
export class TokenBucket implements Limiter {
  readonly limit: number;
  readonly #burst: number;
  /** What is refilled in a millisecond. */
  readonly #rate: number;
  #level: number;
  #at = 0;

  constructor(limit: number, per: number, burst: number = limit) {
    this.limit = limit;
    this.#burst = burst;
    this.#rate = limit / per;
    this.#level = burst;
  }

  ask(cost: number, now: number): Verdict {
    this.#refill(now);
    return {
      wait: cost <= this.#level ? 0 : (cost - this.#level) / this.#rate,
      remaining: Math.max(0, Math.floor(this.#level)),
      reset: (this.#burst - this.#level) / this.#rate,
    };
  }

  take(cost: number, now: number): void {
    this.#refill(now);
    this.#level -= cost;
  }

  #refill(now: number): void {
    this.#level = Math.min(this.#burst, this.#level + (now - this.#at) * this.#rate);
    this.#at = now;
  }
}
