import { loopTime } from "../loop-time.ts";

/** Options of `RetryBudget`. */
export interface RetryBudgetOptions {
  /** How many retries each success earns. Default: 0.1, which is at most a tenth more load. */
  readonly ratio?: number;
  /** How many come each second besides, so that a client with little to do may retry too. Default: 10. */
  readonly minimumPerSecond?: number;
  /** How many can be saved; it begins with as many. Default: ten seconds of the minimum, at least 10. */
  readonly capacity?: number;
}

/** How a retry budget is doing. */
export interface RetryBudgetStatistics {
  /** How many retries it would allow now. */
  readonly available: number;
  readonly capacity: number;
  /** How many it has allowed and refused since it was made. */
  readonly allowed: number;
  readonly refused: number;
}

/**
 * Keeps retries from multiplying the load of a service that is in trouble: they have to be earned by requests that
 * succeed. In a time in which `n` requests succeed there are at most `capacity + ratio × n + minimumPerSecond × seconds`
 * retries, however many tasks there are. One budget is shared by all that ask the same service.
 *
 * @example
 * ```ts
 * import { RetryBudget } from "@tsyncio/http";
 * const budget = new RetryBudget({ ratio: 0.5, minimumPerSecond: 0, capacity: 1 });
 * console.log(budget.tryRetry(), budget.tryRetry()); // → true false
 * budget.succeeded();
 * budget.succeeded();
 * console.log(budget.tryRetry()); // → true
 * ```
 * @see https://twitter.github.io/finagle/docs/com/twitter/finagle/service/RetryBudget.html
 * @see https://github.com/grpc/proposal/blob/master/A6-client-retries.md#throttling-retry-attempts-and-hedged-rpcs
 */
export class RetryBudget {
  readonly #ratio: number;
  readonly #perMillisecond: number;
  readonly #capacity: number;
  #level: number;
  /** When `#level` was right. */
  #at: number | null = null;
  #allowed = 0;
  #refused = 0;

  /** @throws {RangeError} for what is negative. */
  constructor(options: RetryBudgetOptions = {}) {
    const { ratio = 0.1, minimumPerSecond = 10 } = options;
    const { capacity = Math.max(10, 10 * minimumPerSecond) } = options;
    for (const [name, value] of Object.entries({ ratio, minimumPerSecond, capacity })) {
      if (typeof value !== "number" || !(value >= 0) || value === Infinity)
        throw new RangeError(`Cannot create RetryBudget: ${name} must be at least 0, received ${String(value)}`);
    }
    this.#ratio = ratio;
    this.#perMillisecond = minimumPerSecond / 1_000;
    this.#capacity = this.#level = capacity;
  }

  /** A request has succeeded. */
  succeeded(): void {
    this.#level = Math.min(this.#capacity, this.#level + this.#ratio);
  }

  /** Takes a retry if there is one. */
  tryRetry(): boolean {
    this.#fill();
    // Ten tenths are a whole one.
    if (this.#level < 1 - 1e-9) {
      this.#refused++;
      return false;
    }
    this.#level = Math.max(0, this.#level - 1);
    this.#allowed++;
    return true;
  }

  statistics(): RetryBudgetStatistics {
    this.#fill();
    return Object.freeze({
      available: Math.floor(this.#level + 1e-9),
      capacity: this.#capacity,
      allowed: this.#allowed,
      refused: this.#refused,
    });
  }

  #fill(): void {
    const now = loopTime();
    if (now === null) return;
    if (this.#at !== null)
      this.#level = Math.min(this.#capacity, this.#level + Math.max(0, now - this.#at) * this.#perMillisecond);
    this.#at = now;
  }
}
