import { type Duration, milliseconds } from "tsyncio";
import { CircuitOpenError, HttpError, HttpStatusError } from "../errors.ts";
import { backoff } from "../retry/backoff.ts";
import { retryAfter } from "../retry/retry-after.ts";

/** How a stream of events goes on after its connection has ended. */
export interface ReconnectOptions {
  /** How long to wait before, until the server says otherwise (`retry:`). Default: 3 s. */
  readonly delay?: Duration;
  /** What it grows to at most while the server cannot be reached, and what a server can ask for at most. Default: 30 s. */
  readonly maxDelay?: Duration;
  /** After how many failures in a row to give up. Default: 10. */
  readonly attempts?: number;
}

/** Decides whether a stream of events is connected anew, and when. */
export class Reconnection {
  readonly #attempts: number;
  readonly #delay: number;
  readonly #maxDelay: number;
  readonly #random: () => number;
  /** In a row. */
  #failures = 0;
  /** What the server has asked for. */
  retry: number | null = null;

  /** @throws {TypeError} {RangeError} for options that are none. */
  constructor({ delay = "3s", maxDelay = "30s", attempts = 10 }: ReconnectOptions, random: () => number = Math.random) {
    if (attempts !== Infinity && !(Number.isInteger(attempts) && attempts >= 0))
      throw new RangeError(`Cannot read events: attempts must be an integer >= 0, received ${String(attempts)}`);
    this.#attempts = attempts;
    this.#delay = checked(delay, "delay");
    this.#maxDelay = checked(maxDelay, "maxDelay");
    this.#random = random;
  }

  /** There was an answer. */
  succeeded(): void {
    this.#failures = 0;
  }

  /** How long to wait after a connection that has ended, ms. */
  afterEnd(): number {
    return this.retry === null ? this.#delay : Math.min(this.retry, this.#maxDelay);
  }

  /** How long to wait after an error, ms; null: it is one that no other connection helps against. */
  afterError(error: unknown): number | null {
    if (!(error instanceof HttpError) || !(error.retryable || error instanceof CircuitOpenError)) return null;
    if (this.#failures++ >= this.#attempts) return null;
    const usual = this.afterEnd();
    const delay = usual + backoff(this.#failures, { initial: usual, max: this.#maxDelay }, this.#random);
    return Math.max(delay, askedFor(error));
  }
}

function askedFor(error: HttpError): number {
  if (error instanceof CircuitOpenError) return error.retryAfter;
  return (error instanceof HttpStatusError ? retryAfter(error.headers) : null) ?? 0;
}

function checked(duration: Duration, name: string): number {
  const ms = milliseconds(duration);
  if (ms < 0) throw new RangeError(`Cannot read events: ${name} must be >= 0, received ${String(duration)}`);
  return ms;
}
