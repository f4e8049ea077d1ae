import type { Coroutine } from "../coroutine/coroutine.ts";
import { type Duration, milliseconds } from "../duration.ts";
import { exec } from "../loop/execution.ts";
import { platformHost } from "../loop/host.ts";
import { LoopBound } from "../task/loop-bound.ts";
import { type Bucket, Demand, TokenWait } from "./token-wait.ts";

/** Options of `RateLimiter`. */
export interface RateLimiterOptions {
  /** How many tokens come in each `per`. */
  readonly rate: number;
  readonly per: Duration;
  /** How many tokens the bucket holds, and starts with. Default `rate`, and at least 1. */
  readonly burst?: number;
}

/** How a rate limiter is doing. */
export interface RateLimiterStatistics {
  readonly rate: number;
  /** In milliseconds. */
  readonly per: number;
  readonly burst: number;
  /** Tokens in the bucket now, with the fraction that has come of the next one. */
  readonly available: number;
  readonly waiters: number;
}

/**
 * A token bucket: `rate` tokens come in each `per`, evenly, and the bucket holds `burst` of them at most. Fair: tasks
 * are served in the order in which they came, and a small demand does not overtake a large one.
 *
 * @example
 * ```ts
 * import { RateLimiter, run } from "tsyncio";
 * const requests = new RateLimiter({ rate: 100, per: "1s", burst: 1 });
 * async function main() {
 *   for (const page of ["a", "b", "c"]) {
 *     await requests.acquire();
 *     console.log(page);
 *   }
 * }
 * await run(main()); // → a
 * // → b
 * // → c
 * ```
 * @see https://en.wikipedia.org/wiki/Token_bucket
 */
export class RateLimiter extends LoopBound implements Bucket {
  /** How many tokens the bucket holds at most. */
  readonly burst: number;
  readonly #rate: number;
  readonly #per: number;
  /** Milliseconds for one token. */
  readonly #interval: number;
  /** When the bucket will be full if nothing more is taken: this alone says how many tokens there are at any time. */
  #fullAt = -Infinity;
  /** @internal */ first: Demand | null = null;
  /** @internal */ last: Demand | null = null;
  /** @internal */ waiters = 0;

  /** @throws {RangeError} when `rate`, `per` or `burst` is not above 0 and finite. */
  constructor(options: RateLimiterOptions) {
    super();
    const per = milliseconds(options.per);
    this.#rate = positive(options.rate, "rate");
    this.#per = positive(per, "per");
    this.burst = positive(options.burst ?? Math.max(1, options.rate), "burst");
    this.#interval = per / options.rate;
  }

  /**
   * Takes `amount` tokens, and waits until they are there. Does not suspend when they are and nobody waits.
   *
   * **When cancelled**: no tokens are taken. Those that had just been given go to the next in line.
   *
   * @throws {RangeError} when `amount` is negative, or more than the bucket ever holds.
   * @throws {RuntimeError} when it must wait on another loop than the first.
   */
  acquire(amount = 1): Coroutine<void> {
    return new TokenWait([this.#demand(amount)]);
  }

  /**
   * Takes tokens of several limiters, all of them at once: nothing is taken from one while another lets wait.
   * For a service that limits requests and tokens: `RateLimiter.acquireAll([[requests, 1], [tokens, 1500]])`.
   * It stands in every line meanwhile, and nobody behind it overtakes it there.
   *
   * **When cancelled**: no tokens are taken from any.
   *
   * @throws {RangeError} as `acquire()`; amounts for the same limiter are added up.
   */
  static acquireAll(demands: Iterable<readonly [limiter: RateLimiter, amount: number]>): Coroutine<void> {
    const amounts = new Map<RateLimiter, number>();
    for (const [limiter, amount] of demands) amounts.set(limiter, (amounts.get(limiter) ?? 0) + amount);
    return new TokenWait([...amounts].map(([limiter, amount]) => limiter.#demand(amount)));
  }

  /**
   * Takes `amount` tokens if they are there and nobody waits for some.
   *
   * @throws {RangeError} as `acquire()`.
   */
  tryAcquire(amount = 1): boolean {
    return new TokenWait([this.#demand(amount)]).takeFree();
  }

  #demand(amount: number): Demand {
    if (typeof amount !== "number" || !(amount >= 0))
      throw new RangeError(`Cannot acquire ${String(amount)} tokens: expected a number >= 0`);
    if (amount > this.burst) {
      throw new RangeError(
        `Cannot acquire ${amount} tokens: the bucket never holds more than ${this.burst}; ask for less, or create the RateLimiter with a larger burst`,
      );
    }
    return new Demand(this, amount);
  }

  /** @internal */
  now(): number {
    return (exec.loop ?? this.boundTo)?.time() ?? platformHost().now();
  }

  /** @internal */
  readyAt(amount: number): number {
    return this.#fullAt + (amount - this.burst) * this.#interval;
  }

  /** @internal */
  take(amount: number, now: number): void {
    this.#fullAt = Math.max(this.#fullAt, now) + amount * this.#interval;
  }

  /** @internal */
  giveBack(amount: number): void {
    this.#fullAt -= amount * this.#interval;
  }

  statistics(): RateLimiterStatistics {
    const missing = Math.max(0, this.#fullAt - this.now()) / this.#interval;
    return Object.freeze({
      rate: this.#rate,
      per: this.#per,
      burst: this.burst,
      available: Math.max(0, this.burst - missing),
      waiters: this.waiters,
    });
  }

  override toString(): string {
    const { available, waiters } = this.statistics();
    return `<${this.constructor.name} [available:${Math.floor(available)}/${this.burst}${waiters > 0 ? `, waiters:${waiters}` : ""}]>`;
  }
}

function positive(value: number, what: string): number {
  if (typeof value !== "number" || !(value > 0) || value === Infinity)
    throw new RangeError(`Cannot create RateLimiter: ${what} must be above 0 and finite, received ${String(value)}`);
  return value;
}
