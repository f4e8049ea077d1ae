import { type Duration, milliseconds } from "tsyncio";
import type { ReadableHeaders } from "./http-date.ts";
import { type BackoffOptions, backoff } from "./backoff.ts";
import { retryAfter } from "./retry-after.ts";
import { RetryBudget, type RetryBudgetOptions } from "./retry-budget.ts";

/** An attempt that has failed. */
export interface RetryFailure {
  readonly method: string;
  /** Which attempt it was, from 1. */
  readonly attempt: number;
  readonly error: unknown;
  /** Of the answer; null when none came. */
  readonly status: number | null;
  readonly headers: ReadableHeaders | null;
  /** Whether the server may have seen the request. One that it has never seen is safe to send again. */
  readonly sent: boolean;
  /** Whether another attempt may go better, as the error has it. It counts where no answer came. */
  readonly retryable: boolean;
  /** Whether the server does it only once, however often it comes: the request has an `Idempotency-Key`. */
  readonly idempotent: boolean;
}

/** When a request that has failed is sent again. */
export interface RetryOptions {
  /** How often it is sent at most, with the first time. Default: 3. */
  readonly attempts?: number;
  readonly delay?: BackoffOptions;
  /** Which methods are repeated: what does no harm twice. Default: GET, HEAD, OPTIONS, PUT, DELETE and QUERY. */
  readonly methods?: readonly string[];
  /** Which answers are worth another attempt. Default: 408, 425, 429, 500, 502, 503 and 504. */
  readonly statuses?: readonly number[];
  /** Repeats every method, though the server may do it twice. Default: false. */
  readonly unsafe?: boolean;
  /** Whether `Retry-After` is waited for. Default: true. */
  readonly respectRetryAfter?: boolean;
  /** When it asks for more than this the request fails instead. Default: 2 min. */
  readonly maxRetryAfter?: Duration;
  /** What keeps many tasks from multiplying the load in an outage. Default: a `RetryBudget` as it is by itself. */
  readonly budget?: RetryBudgetOptions | RetryBudget;
  /** Asked before `methods` and `statuses`, which decide when it says neither true nor false. */
  readonly retryIf?: (failure: RetryFailure) => boolean | undefined;
  /** Is told of each attempt that will be repeated, and after how many milliseconds: for logs and counts. What it throws fails the request. */
  readonly onRetry?: (failure: RetryFailure, delay: number) => void;
  /** A number in [0, 1), for the jitter. Default: `Math.random`. */
  readonly random?: () => number;
}

const METHODS = ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "QUERY"];
const STATUSES = [408, 425, 429, 500, 502, 503, 504];

/**
 * Decides whether a request that has failed is sent again, and when.
 *
 * @example
 * ```ts
 * import { RetryPolicy } from "@tsyncio/http";
 * const policy = new RetryPolicy({ delay: { jitter: "none" } });
 * const failure = { method: "GET", error: null, headers: null, sent: true, retryable: true, idempotent: false };
 * console.log(policy.delayAfter({ ...failure, attempt: 1, status: 503 })); // → 200
 * console.log(policy.delayAfter({ ...failure, attempt: 1, status: 404 })); // → null
 * ```
 */
export class RetryPolicy {
  readonly attempts: number;
  readonly budget: RetryBudget;
  readonly #delay: BackoffOptions;
  readonly #methods: ReadonlySet<string>;
  readonly #statuses: ReadonlySet<number>;
  readonly #unsafe: boolean;
  readonly #maxRetryAfter: number | null;
  readonly #retryIf: RetryOptions["retryIf"];
  readonly #onRetry: RetryOptions["onRetry"];
  readonly #random: () => number;

  /** @throws {TypeError | RangeError} for options that are none. */
  constructor(options: RetryOptions = {}) {
    const { attempts = 3, delay = {}, budget, random = Math.random } = options;
    if (!Number.isInteger(attempts) || attempts < 1)
      throw new RangeError(`Cannot retry: attempts must be an integer above 0, received ${String(attempts)}`);
    // For its checks.
    backoff(1, delay, () => 0);
    this.attempts = attempts;
    this.budget = budget instanceof RetryBudget ? budget : new RetryBudget(budget);
    this.#delay = delay;
    this.#methods = new Set((options.methods ?? METHODS).map((method) => method.toUpperCase()));
    this.#statuses = new Set(options.statuses ?? STATUSES);
    this.#unsafe = options.unsafe ?? false;
    const maxRetryAfter = milliseconds(options.maxRetryAfter ?? "2m");
    this.#maxRetryAfter = (options.respectRetryAfter ?? true) ? maxRetryAfter : null;
    this.#retryIf = options.retryIf;
    this.#onRetry = options.onRetry;
    this.#random = random;
  }

  /** How long to wait before the request is sent again, ms; null: it has failed. Takes the retry of the budget. */
  delayAfter(failure: RetryFailure): number | null {
    if (failure.attempt >= this.attempts) return null;
    if (!(this.#retryIf?.(failure) ?? this.#worthwhile(failure))) return null;
    const asked = failure.headers === null ? null : retryAfter(failure.headers);
    const delay = this.#maxRetryAfter === null || asked === null ? this.#backoff(failure.attempt) : this.#after(asked);
    if (delay === null || !this.budget.tryRetry()) return null;
    this.#onRetry?.(failure, delay);
    return delay;
  }

  #worthwhile({ method, status, sent, retryable, idempotent }: RetryFailure): boolean {
    const safe = this.#unsafe || !sent || idempotent || this.#methods.has(method.toUpperCase());
    return safe && (status === null ? retryable : this.#statuses.has(status));
  }

  /** As long as the server asks, and a little more, which is not the same for all whom it has asked. */
  #after(asked: number): number | null {
    if (asked > (this.#maxRetryAfter as number)) return null;
    const jitter = this.#delay.jitter ?? "full";
    return jitter === "none" ? asked : asked + this.#backoff(1);
  }

  #backoff(attempt: number): number {
    return backoff(attempt, this.#delay, this.#random);
  }
}
