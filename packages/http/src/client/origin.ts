import { CancelledError, type EventLoop, Semaphore } from "tsyncio";
import { CircuitBreaker, type CircuitBreakerStatistics, type Passage } from "../breaker/circuit-breaker.ts";
import { HttpConnectError } from "../errors.ts";
import type { Cost } from "../limit/cost.ts";
import { RateLimits, type RateLimitsStatistics } from "../limit/rate-limits.ts";
import type { Reservation } from "../limit/reservation.ts";
import type { HttpHeaders } from "../message/headers.ts";
import { RetryBudget } from "../retry/retry-budget.ts";
import type { RetryOptions } from "../retry/retry-policy.ts";
import type { HttpTransport, WireBody, WireRequest, WireResponse } from "../wire/transport.ts";
import { FollowedBody } from "./followed-body.ts";
import type { PolicyOptions } from "./options.ts";

/** What tells that a service is in trouble. */
const IN_TROUBLE = 500;
/** Statuses that ask to wait. */
const REFUSED: ReadonlySet<number> = new Set([429, 503]);

/** What a client keeps to with one origin, and what it has learnt of it. */
export class Origin {
  /** Null while there are none. */
  limits: RateLimits | null;
  readonly breaker: CircuitBreaker | null;
  readonly #concurrency: Semaphore | null;
  readonly #all: Semaphore | null;
  readonly #learns: boolean;
  /** Made at the first failure: before, it is full. */
  #budget: RetryBudget | null = null;

  /** @param all how many requests there may be at once, to all origins. */
  constructor(options: PolicyOptions, all: Semaphore | null) {
    const { limits, breaker = false, concurrencyPerOrigin } = options;
    this.limits = limits === undefined ? null : limits instanceof RateLimits ? limits : new RateLimits(limits);
    this.breaker = breaker === false ? null : new CircuitBreaker(breaker);
    this.#concurrency = concurrencyPerOrigin === undefined ? null : new Semaphore(concurrencyPerOrigin);
    this.#all = all;
    this.#learns = options.learnLimits ?? true;
  }

  /** The budget for retries: of the options if they have one of their own, otherwise of this origin. */
  budgetOf({ budget }: RetryOptions): RetryBudget {
    if (budget instanceof RetryBudget) return budget;
    return (this.#budget ??= new RetryBudget(budget));
  }

  succeeded(): void {
    this.#budget?.succeeded();
  }

  /** Sends a request as soon as it may be sent. */
  *exchange(transport: HttpTransport, request: WireRequest, cost: Cost): Generator<any, WireResponse, any> {
    if (this.breaker !== null || this.#concurrency !== null || this.#all !== null || this.limits !== null)
      return yield* this.#exchange(transport, request, cost);
    const response = (yield transport.exchange(request)) as WireResponse;
    if (this.#learns && mentionsLimits(response.status, response.headers)) {
      this.limits = new RateLimits();
      this.limits.learn(response.status, response.headers);
    }
    return response;
  }

  *#exchange(transport: HttpTransport, request: WireRequest, cost: Cost): Generator<any, WireResponse, any> {
    const passage = this.breaker?.enter(request) ?? null;
    const permits: Semaphore[] = [];
    const release = (): void => {
      for (const semaphore of permits.splice(0)) semaphore.release();
    };
    try {
      for (const semaphore of [this.#concurrency, this.#all]) {
        if (semaphore === null) continue;
        yield* semaphore.acquire();
        permits.push(semaphore);
      }
      const reservation = this.limits === null ? null : yield* this.limits.reserve(cost);
      const response = yield* this.#reserved(transport, request, reservation);
      judge(passage, response.status);
      const { body } = response;
      if (permits.length === 0 || body instanceof Uint8Array) {
        release();
        return response;
      }
      return { ...response, body: new FollowedBody(body as WireBody, release) };
    } catch (error) {
      release();
      if (error instanceof CancelledError) passage?.cancelled();
      else passage?.failed();
      throw error;
    }
  }

  *#reserved(
    transport: HttpTransport,
    request: WireRequest,
    reservation: Reservation | null,
  ): Generator<any, WireResponse, any> {
    try {
      const response = (yield transport.exchange(request)) as WireResponse;
      const { status, headers } = response;
      if (this.#learns && (this.limits !== null || mentionsLimits(status, headers)))
        (this.limits ??= new RateLimits()).learn(status, headers, reservation ?? undefined);
      return response;
    } catch (error) {
      // The server has seen nothing of it.
      if (error instanceof HttpConnectError) reservation?.cancel();
      throw error;
    } finally {
      reservation?.settle();
    }
  }

  statistics(): OriginPolicies {
    return {
      limits: this.limits?.statistics() ?? null,
      breaker: this.breaker?.statistics() ?? null,
    };
  }
}

/** How the policies of one origin are doing; null: there is none. */
export interface OriginPolicies {
  readonly limits: RateLimitsStatistics | null;
  readonly breaker: CircuitBreakerStatistics | null;
}

function judge(passage: Passage | null, status: number): void {
  if (status >= IN_TROUBLE) passage?.failed();
  else passage?.succeeded();
}

/** Whether there is anything to learn: most answers say nothing about limits, and are not to be searched for all that could. */
function mentionsLimits(status: number, headers: HttpHeaders): boolean {
  return REFUSED.has(status) || headers.hasNameLike("ratelimit", "rate-limit");
}

/** The origins of the clients that share them, for each loop: what waits belongs to one. */
export class Origins {
  readonly #options: PolicyOptions;
  readonly #byLoop = new WeakMap<EventLoop, Map<string, Origin>>();
  #last: { readonly loop: EventLoop; readonly origins: Map<string, Origin> } | null = null;
  readonly #concurrency: (loop: EventLoop) => Semaphore | null;

  /** @throws {TypeError} {RangeError} for options that are none. */
  constructor(options: PolicyOptions) {
    this.#options = options;
    const { concurrency } = options;
    const all = new WeakMap<EventLoop, Semaphore>();
    this.#concurrency = (loop) => {
      if (concurrency === undefined) return null;
      const known = all.get(loop) ?? new Semaphore(concurrency);
      all.set(loop, known);
      return known;
    };
    checkConcurrency("concurrency", concurrency);
    checkConcurrency("concurrencyPerOrigin", options.concurrencyPerOrigin);
    // For its checks.
    void new Origin(options, null);
  }

  of(loop: EventLoop, origin: string): Origin {
    const origins = this.#of(loop);
    let known = origins.get(origin);
    if (known === undefined) {
      known = new Origin(this.#options, this.#concurrency(loop));
      origins.set(origin, known);
    }
    return known;
  }

  #of(loop: EventLoop): Map<string, Origin> {
    if (this.#last?.loop === loop) return this.#last.origins;
    let origins = this.#byLoop.get(loop);
    if (origins === undefined) {
      origins = new Map();
      this.#byLoop.set(loop, origins);
    }
    this.#last = { loop, origins };
    return origins;
  }

  /** What there is of an origin on a loop. */
  statistics(loop: EventLoop | null, origin: string): OriginPolicies {
    const known = loop === null ? undefined : this.#byLoop.get(loop)?.get(origin);
    return known?.statistics() ?? { limits: null, breaker: null };
  }
}

function checkConcurrency(name: string, value: unknown): void {
  if (value !== undefined && !(Number.isInteger(value) && (value as number) > 0))
    throw new RangeError(`Cannot create HttpClient: ${name} must be an integer >= 1, received ${String(value)}`);
}
