import { type Duration, milliseconds } from "tsyncio";
import { CircuitOpenError } from "../errors.ts";
import { loopTime } from "../loop-time.ts";
import { Outcomes } from "./outcomes.ts";

/** Options of `CircuitBreaker`. */
export interface CircuitBreakerOptions {
  /** Which share of the requests has to fail for it to open. Default: 0.5. */
  readonly threshold?: number;
  /** Of the requests that ended within this time. Default: 10 s. */
  readonly window?: Duration;
  /** When there were fewer it stays closed. Default: 10. */
  readonly minimumRequests?: number;
  /** How long it is open before it lets a request through to see. It doubles each time that this fails. Default: 5 s. */
  readonly openFor?: Duration;
  /** It is open no longer than this. Default: 1 min. */
  readonly maxOpenFor?: Duration;
  /** How many requests have to succeed, and may run at once, before it closes. Default: 1. */
  readonly probes?: number;
}

/** What a breaker does with a request that comes now. */
export type CircuitState = "closed" | "open" | "half-open";

/** How a circuit breaker is doing. */
export interface CircuitBreakerStatistics {
  readonly state: CircuitState;
  /** Within the window, while it is closed. */
  readonly requests: number;
  readonly failures: number;
  /** Milliseconds until it lets a request through; 0 when it does. */
  readonly retryAfter: number;
  /** How often it has opened since it was made. */
  readonly opened: number;
}

/** What comes of a request that the breaker has let through. One of the three is to be called, once; more does nothing. */
export interface Passage {
  succeeded(): void;
  /** For what tells that the service is in trouble: no connection, a time limit, a 5xx. Not for a 404. */
  failed(): void;
  /** It has not come to an end: nothing is known. */
  cancelled(): void;
}

/**
 * Spares a service that fails, and its callers the wait: after too many failures nothing is sent for a while.
 *
 * @example
 * ```ts
 * import { CircuitBreaker } from "@tsyncio/http";
 * const breaker = new CircuitBreaker({ minimumRequests: 2 });
 * const request = { method: "GET", url: "https://api.example/v1" };
 * for (let i = 0; i < 2; i++) breaker.enter(request).failed();
 * console.log(breaker.state); // → open
 * ```
 * @see https://martinfowler.com/bliki/CircuitBreaker.html
 */
export class CircuitBreaker {
  readonly #threshold: number;
  readonly #minimumRequests: number;
  readonly #openFor: number;
  readonly #maxOpenFor: number;
  readonly #probes: number;
  readonly #outcomes: Outcomes;

  /**
   * | state | a request | becomes |
   * |---|---|---|
   * | closed | passes | open, when enough of those in the window have failed |
   * | open | is refused | half-open, when its time is over |
   * | half-open | passes as long as a probe is missing, else is refused | closed, when all probes have succeeded; open, for twice as long, when one has failed |
   *
   * What was let through in one state says nothing in the next: each change begins a new `#period`.
   */
  #state: CircuitState = "closed";
  #period = 0;
  /** While open: until when. */
  #until = 0;
  /** How long it was open last. */
  #lasted = 0;
  /** While half-open: how many probes run, and how many have succeeded. */
  #running = 0;
  #passed = 0;
  #opened = 0;

  /** @throws {RangeError | TypeError} for options that are none. */
  constructor(options: CircuitBreakerOptions = {}) {
    const { threshold = 0.5, minimumRequests = 10, probes = 1 } = options;
    check(threshold > 0 && threshold <= 1, "threshold must be above 0 and at most 1", threshold);
    check(
      Number.isInteger(minimumRequests) && minimumRequests > 0,
      "minimumRequests must be an integer above 0",
      minimumRequests,
    );
    check(Number.isInteger(probes) && probes > 0, "probes must be an integer above 0", probes);
    this.#threshold = threshold;
    this.#minimumRequests = minimumRequests;
    this.#probes = probes;
    this.#openFor = duration(options.openFor ?? "5s", "openFor");
    this.#maxOpenFor = Math.max(this.#openFor, duration(options.maxOpenFor ?? "1m", "maxOpenFor"));
    this.#outcomes = new Outcomes(duration(options.window ?? "10s", "window"));
  }

  get state(): CircuitState {
    this.#look();
    return this.#state;
  }

  /**
   * Only asks whether it is open: before standing in line for something else.
   *
   * @throws {CircuitOpenError} when it is.
   */
  check(request: { readonly method: string; readonly url: URL | string }): void {
    const now = this.#look();
    if (this.#state !== "open") return;
    const { method, url } = request;
    const retryAfter = this.#until - now;
    throw new CircuitOpenError(
      `the circuit breaker is open, because too many requests have failed; it tries again in ${Math.ceil(retryAfter)} ms`,
      { method, url, retryAfter },
    );
  }

  /**
   * Asks to be let through. `request` is for the error only.
   *
   * @throws {CircuitOpenError} when it is open, or half-open and the probes are on their way.
   */
  enter(request: { readonly method: string; readonly url: URL | string }): Passage {
    this.check(request);
    if (this.#state === "half-open") {
      if (this.#running + this.#passed >= this.#probes)
        throw new CircuitOpenError("the circuit breaker waits for the request that it has let through to see", {
          method: request.method,
          url: request.url,
          retryAfter: this.#openFor,
        });
      this.#running++;
    }
    return this.#passage();
  }

  statistics(): CircuitBreakerStatistics {
    const now = this.#look();
    const open = this.#state === "open";
    return Object.freeze({
      state: this.#state,
      ...this.#outcomes.count(now),
      retryAfter: open ? this.#until - now : 0,
      opened: this.#opened,
    });
  }

  toString(): string {
    const { state, requests, failures } = this.statistics();
    return `<${this.constructor.name} [${state}, failed:${failures}/${requests}]>`;
  }

  #passage(): Passage {
    const period = this.#period;
    let over = false;
    const end = (outcome: (now: number) => void) => (): void => {
      if (over || period !== this.#period) return;
      over = true;
      outcome(this.#look());
    };
    return {
      succeeded: end((now) => this.#succeeded(now)),
      failed: end((now) => this.#failed(now)),
      cancelled: end(() => this.#running--),
    };
  }

  #succeeded(now: number): void {
    this.#running--;
    if (this.#state === "closed") this.#outcomes.add(false, now);
    else if (++this.#passed >= this.#probes) {
      this.#lasted = 0;
      this.#become("closed");
    }
  }

  #failed(now: number): void {
    this.#running--;
    if (this.#state === "closed") {
      this.#outcomes.add(true, now);
      const { requests, failures } = this.#outcomes.count(now);
      if (requests < this.#minimumRequests || failures < this.#threshold * requests) return;
    }
    this.#lasted = Math.min(this.#maxOpenFor, this.#lasted === 0 ? this.#openFor : 2 * this.#lasted);
    this.#until = now + this.#lasted;
    this.#opened++;
    this.#become("open");
  }

  /** Gives the time, after the change that it brings. */
  #look(): number {
    const now = loopTime() ?? 0;
    if (this.#state === "open" && now >= this.#until) this.#become("half-open");
    return now;
  }

  #become(state: CircuitState): void {
    this.#state = state;
    this.#period++;
    this.#running = this.#passed = 0;
    this.#outcomes.clear();
  }
}

function duration(value: Duration, name: string): number {
  const ms = milliseconds(value);
  check(ms > 0 && ms < Infinity, `${name} must be above 0 and finite`, value);
  return ms;
}

function check(holds: boolean, rule: string, value: unknown): void {
  if (!holds) throw new RangeError(`Cannot create CircuitBreaker: ${rule}, received ${String(value)}`);
}
