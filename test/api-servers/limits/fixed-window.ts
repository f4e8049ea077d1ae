import type { Limiter, Verdict } from "./limiter.ts";

/** So much in each window of `per`; the windows lie end to end, beginning with the first request. */
export class FixedWindow implements Limiter {
  readonly limit: number;
  readonly #per: number;
  #start = -Infinity;
  #used = 0;

  constructor(limit: number, per: number) {
    this.limit = limit;
    this.#per = per;
  }

  ask(cost: number, now: number): Verdict {
    this.#turn(now);
    const reset = this.#start + this.#per - now;
    const free = this.limit - this.#used;
    return { wait: cost <= free ? 0 : reset, remaining: Math.max(0, free), reset: this.#used === 0 ? 0 : reset };
  }

  take(cost: number, now: number): void {
    this.#turn(now);
    this.#used += cost;
  }

  #turn(now: number): void {
    if (this.#start === -Infinity) this.#start = now;
    const windows = Math.floor((now - this.#start) / this.#per);
    if (windows === 0) return;
    this.#start += windows * this.#per;
    this.#used = 0;
  }
}
