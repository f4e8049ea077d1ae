import type { Limiter, Verdict } from "./limiter.ts";

interface Taken {
  readonly cost: number;
  readonly at: number;
}

/** So much in every window of `per`, wherever it begins: the strictest kind. */
export class SlidingWindow implements Limiter {
  readonly limit: number;
  readonly #per: number;
  /** In order of time; those before `#first` are forgotten. */
  #taken: Taken[] = [];
  #first = 0;
  #used = 0;

  constructor(limit: number, per: number) {
    this.limit = limit;
    this.#per = per;
  }

  ask(cost: number, now: number): Verdict {
    this.#forget(now);
    const free = this.limit - this.#used;
    const last = this.#taken.at(-1);
    const reset = last === undefined ? 0 : Math.max(0, last.at + this.#per - now);
    return { wait: cost <= free ? 0 : this.#until(cost - free, now), remaining: Math.max(0, free), reset };
  }

  take(cost: number, now: number): void {
    this.#forget(now);
    this.#taken.push({ cost, at: now });
    this.#used += cost;
  }

  /** When so much will have left the window; after all of it for what is greater than the limit. */
  #until(excess: number, now: number): number {
    let left = 0;
    for (let i = this.#first; i < this.#taken.length; i++) {
      const { cost, at } = this.#taken[i]!;
      left += cost;
      if (left >= excess) return at + this.#per - now;
    }
    return this.#per;
  }

  #forget(now: number): void {
    while (this.#first < this.#taken.length && this.#taken[this.#first]!.at <= now - this.#per)
      this.#used -= this.#taken[this.#first++]!.cost;
    if (this.#first > 1000) {
      this.#taken = this.#taken.slice(this.#first);
      this.#first = 0;
    }
  }
}
