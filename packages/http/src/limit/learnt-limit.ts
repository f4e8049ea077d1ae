import type { Cost } from "./cost.ts";
import type { Limit, LimitStatistics, Share } from "./limit.ts";
import type { Quota } from "./quota.ts";
import { Pace } from "./pace.ts";
import { MARGIN } from "./rate.ts";
import { SlidingWindow } from "./sliding-window.ts";

/** How long it lasts when a server says that nothing is left, and not until when, ms. */
const UNTOLD = 1_000;
/** What two answers of one window may differ in, ms: many say whole seconds. */
const ROUNDED = 1_500;

/** What part of a limit is used at once when the server tells only its policy: it may have a bucket, and a small one. */
const BURST = 0.1;

/** How the answer stands to the requests that the server has counted when it wrote it. */
export interface Standing {
  /** How much was taken by requests that it may not have counted. */
  readonly unseen: number;
  /** Whether no request that was sent later has been answered before. */
  readonly latest: boolean;
}

/**
 * A limit that the server has told, kept up to date between its answers: `remaining` is what it said last, less what was
 * taken since, until it is reset.
 */
export class LearntLimit implements Limit {
  readonly dimension: string;
  #limit: number | null = null;
  #per: number | null = null;
  #remaining = Infinity;
  /** When all of it is there again. */
  #resetAt = -Infinity;
  /** How long it is until then at most, ms: for the time after, until the server says more. */
  #span = UNTOLD;
  /** What comes back in a millisecond until then; 0 when all of it comes at once. */
  #refill = 0;
  /** When `#remaining` was right. */
  #at = 0;
  /** How often it has been reset: what was taken before is not given back after. */
  #resets = 0;
  /** How much was taken since by requests that are still on their way. */
  #onTheirWay = 0;
  /** For a server that looks back over the last `per`, and for one that tells nothing but its policy. */
  #window: SlidingWindow | null = null;
  /** For one that tells nothing but its policy, and counts in some way of its own. */
  #pace: Pace | null = null;

  constructor(dimension: string) {
    this.dimension = dimension;
  }

  update(quota: Quota, { unseen, latest }: Standing, now: number): void {
    this.#pass(now);
    this.#learnPolicy(quota);
    if (quota.remaining === null) return;
    const resetsIn = quota.resetsIn ?? Math.max(this.#resetAt - now, this.#per ?? UNTOLD);
    // It was on its way for so long that its window is over.
    if (!latest && now + resetsIn < this.#resetAt - ROUNDED) return;
    const least = Math.max(0, quota.remaining - unseen);
    if (this.#remaining === Infinity) this.#remaining = least;
    // Others may use the same account: only what is new can say that there is more.
    else if (latest) this.#remaining = Math.max(this.#remaining, least);
    this.#remaining = Math.min(this.#remaining, quota.remaining);
    if (!latest && this.#resetAt > now) return;
    this.#resetAt = now + resetsIn;
    this.#span = this.#per ?? Math.max(this.#span, resetsIn);
    const missing = (this.#limit ?? 0) - quota.remaining;
    if (quota.refills === "gradually" && missing > 0 && resetsIn > 0) this.#refill = missing / resetsIn;
  }

  #learnPolicy({ limit, per }: Quota): void {
    if ((limit ?? this.#limit) === this.#limit && (per ?? this.#per) === this.#per) return;
    this.#limit = limit ?? this.#limit;
    this.#per = per ?? this.#per;
    if (this.#limit === null || this.#per === null || this.#limit <= 0 || this.#per <= 0) return;
    const span = this.#per * (1 + MARGIN);
    this.#window = new SlidingWindow(this.#limit, span);
    this.#pace = new Pace(this.#limit, span, Math.max(1, this.#limit * BURST));
  }

  /** What has come back since the last look. */
  #pass(now: number): void {
    if (now < this.#resetAt) this.#remaining += this.#refill * (now - this.#at);
    else if (this.#resetAt !== -Infinity) {
      this.#resets++;
      if (this.#limit === null || this.#refill > 0) {
        this.#remaining = this.#limit ?? Infinity;
        this.#resetAt = -Infinity;
      } else {
        // What was sent at the end of a window may come in the next, and counts there.
        this.#remaining = this.#limit - this.#onTheirWay;
        this.#resetAt = now + this.#span;
      }
      this.#onTheirWay = 0;
    }
    this.#at = now;
  }

  check(): void {}

  /** A request that does not say takes something of whatever the server counts. */
  amountOf(cost: Cost): number {
    return cost[this.dimension] ?? 1;
  }

  readyAt(amount: number, now: number): number {
    this.#pass(now);
    // More than the limit the server would never give: that it refuses it is for it to say.
    const needed = Math.min(amount, this.#limit ?? amount);
    const inWindow = this.#window?.readyAt(needed, now) ?? -Infinity;
    if (this.#remaining === Infinity) return Math.max(inWindow, this.#pace?.readyAt(needed) ?? -Infinity);
    const missing = needed - this.#remaining;
    // Sums of fractions.
    if (missing <= 1e-6) return inWindow;
    const back = this.#refill > 0 ? Math.min(this.#resetAt, now + missing / this.#refill) : this.#resetAt;
    return Math.max(back, inWindow);
  }

  take(amount: number, now: number): Share {
    this.#pass(now);
    this.#remaining -= amount;
    // What has been taken has to come back as well.
    if (this.#refill > 0) this.#resetAt = Math.max(this.#resetAt, now) + amount / this.#refill;
    const cell = this.#window?.take(amount, now);
    this.#pace?.take(amount, now);
    this.#onTheirWay += amount;
    const resets = this.#resets;
    let onItsWay = amount;
    return {
      dimension: this.dimension,
      settle: () => {
        if (resets === this.#resets) this.#onTheirWay -= onItsWay;
        onItsWay = 0;
      },
      correct: (actual) => {
        // What a request has really taken the server tells in its answers. But what was not sent it has not counted.
        if (actual > 0 || resets !== this.#resets) return;
        this.#remaining += amount;
        if (cell !== undefined) this.#window?.giveBack(amount, cell);
        this.#pace?.giveBack(amount);
        amount = 0;
      },
    };
  }

  statistics(now: number): LimitStatistics {
    this.#pass(now);
    return Object.freeze({
      dimension: this.dimension,
      source: "learnt",
      rate: this.#limit,
      per: this.#per,
      remaining: this.#remaining === Infinity ? (this.#limit ?? Infinity) : this.#remaining,
    });
  }
}
