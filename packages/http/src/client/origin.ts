import { type EventLoop, Semaphore, getRunningLoop } from "tsyncio";
import { CircuitBreaker, type CircuitBreakerStatistics } from "../breaker/circuit-breaker.ts";
import { AdaptiveConcurrency, type AdaptiveConcurrencyStatistics } from "../limit/adaptive-concurrency.ts";
import type { Cost } from "../limit/cost.ts";
import { OriginMap } from "../origin-map.ts";
import { RateLimits, type RateLimitsStatistics } from "../limit/rate-limits.ts";
import type { HttpHeaders } from "../message/headers.ts";
import { RetryBudget, type RetryBudgetStatistics } from "../retry/retry-budget.ts";
import type { RetryOptions } from "../retry/retry-policy.ts";
import type { HttpTransport, WireRequest, WireResponse } from "../wire/transport.ts";
import { FollowedBody } from "./followed-body.ts";
import type { PolicyOptions } from "./options.ts";
import { Turn } from "./turn.ts";

/** Statuses that ask to wait. */
const REFUSED: ReadonlySet<number> = new Set([429, 503]);

/** What a client keeps to with one origin, and what it has learnt of it. */
export class Origin {
  /** Null while there are none. */
  limits: RateLimits | null;
  readonly breaker: CircuitBreaker | null;
  readonly #permits: number;
  readonly #concurrency: Semaphore | null;
  readonly #adaptive: AdaptiveConcurrency | null;
  readonly #all: Semaphore | null;
  /** There is nothing to keep to but limits, if some come to be known. */
  readonly #free: boolean;
  readonly #learns: boolean;
  /** Made at the first failure: before, it is full. */
  #budget: RetryBudget | null = null;

  /** @param all how many requests there may be at once, to all origins. */
  constructor(options: PolicyOptions, all: Semaphore | null) {
    const { limits, breaker = false, concurrencyPerOrigin } = options;
    this.limits = limits === undefined ? null : limits instanceof RateLimits ? limits : new RateLimits(limits);
    this.breaker = breaker === false ? null : new CircuitBreaker(breaker);
    const own = concurrencyPerOrigin;
    this.#permits = typeof own === "number" ? own : 0;
    this.#concurrency = typeof own === "number" ? new Semaphore(own) : null;
    this.#adaptive = own === undefined || typeof own === "number" ? null : new AdaptiveConcurrency(own);
    this.#free = [this.breaker, this.#concurrency, this.#adaptive, all].every((policy) => policy === null);
    this.#all = all;
    this.#learns = options.learnLimits ?? true;
  }

  /** The budget for retries: of the options if they have one of their own, otherwise of this origin. */
  budgetOf({ budget }: RetryOptions): RetryBudget {
    if (budget instanceof RetryBudget) return budget;
    return (this.#budget ??= new RetryBudget(budget));
  }

  /** Whether it is as if it were new. */
  get knowsNothing(): boolean {
    return this.#free && this.limits === null && this.#budget === null;
  }

  succeeded(): void {
    this.#budget?.succeeded();
  }

  /**
   * Sends a request as soon as it may be sent. What it passes on its way:
   *
   * | | why here |
   * |---|---|
   * | breaker | nobody stands in line for what would be refused |
   * | concurrency of the origin | what waits behind it takes no part of the limits: they count what is sent, when it is sent |
   * | limits | who waits for them holds nothing that other origins need |
   * | adaptive concurrency | it is to see the wire, not the line |
   * | concurrency of all | held for as long as the wire is used |
   * | breaker again | it may have opened meanwhile; and a probe is on the wire, not in line |
   */
  *exchange(transport: HttpTransport, request: WireRequest, cost: Cost): Generator<any, WireResponse, any> {
    if (!this.#free || this.limits !== null) return yield* this.#exchange(transport, request, cost);
    const response = (yield transport.exchange(request)) as WireResponse;
    this.#learn(response, new Turn());
    return response;
  }

  *#exchange(transport: HttpTransport, request: WireRequest, cost: Cost): Generator<any, WireResponse, any> {
    this.breaker?.check(request);
    const loop = getRunningLoop();
    const turn = new Turn();
    try {
      yield* this.#wait(turn, cost);
      turn.passage = this.breaker?.enter(request) ?? null;
      turn.send(loop.time());
      const response = (yield transport.exchange(request)) as WireResponse;
      turn.answered(response.status, loop.time());
      this.#learn(response, turn);
      const { body } = response;
      if (!(body instanceof Uint8Array)) return { ...response, body: new FollowedBody(body, () => turn.end()) };
      turn.end();
      return response;
    } catch (error) {
      turn.failed(error, loop.time());
      throw error;
    }
  }

  *#wait(turn: Turn, cost: Cost): Generator<any, void, any> {
    if (this.#concurrency !== null) yield* permitOf(this.#concurrency, turn);
    if (this.limits !== null) turn.reservation = this.limits.tryReserve(cost) ?? (yield* this.limits.reserve(cost));
    if (this.#adaptive !== null) turn.permit = yield* this.#adaptive.acquire();
    if (this.#all !== null) yield* permitOf(this.#all, turn);
  }

  #learn({ status, headers }: WireResponse, { reservation }: Turn): void {
    if (this.#learns && (this.limits !== null || mentionsLimits(status, headers)))
      (this.limits ??= new RateLimits()).learn(status, headers, reservation ?? undefined);
  }

  statistics(): OriginPolicies {
    return {
      limits: this.limits?.statistics() ?? null,
      concurrency: this.#adaptive?.statistics() ?? this.#fixedConcurrency(),
      breaker: this.breaker?.statistics() ?? null,
      retries: this.#budget?.statistics() ?? null,
    };
  }

  #fixedConcurrency(): ConcurrencyStatistics | null {
    if (this.#concurrency === null) return null;
    const { value, waiters } = this.#concurrency.statistics();
    return Object.freeze({ limit: this.#permits, inFlight: this.#permits - value, waiters });
  }
}

function* permitOf(semaphore: Semaphore, turn: Turn): Generator<any, void, any> {
  yield* semaphore.acquire();
  turn.semaphores.push(semaphore);
}

/** How many requests are under way to one origin. */
export interface ConcurrencyStatistics {
  /** How many may be. */
  readonly limit: number;
  readonly inFlight: number;
  readonly waiters: number;
}

/** How the policies of one origin are doing; null: there is none. */
export interface OriginPolicies {
  readonly limits: RateLimitsStatistics | null;
  /** Those of `AdaptiveConcurrency` where it is. */
  readonly concurrency: ConcurrencyStatistics | AdaptiveConcurrencyStatistics | null;
  readonly breaker: CircuitBreakerStatistics | null;
  /** The budget for retries; null before the first failure. */
  readonly retries: RetryBudgetStatistics | null;
}

/** Whether there is anything to learn: most answers say nothing about limits, and are not to be searched for all that could. */
function mentionsLimits(status: number, headers: HttpHeaders): boolean {
  return REFUSED.has(status) || headers.hasNameLike("ratelimit", "rate-limit");
}

/** The origins of the clients that share them, for each loop: what waits belongs to one. */
export class Origins {
  readonly #options: PolicyOptions;
  readonly #byLoop = new WeakMap<EventLoop, OriginMap<Origin>>();
  #last: { readonly loop: EventLoop; readonly origins: OriginMap<Origin> } | null = null;
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

  #of(loop: EventLoop): OriginMap<Origin> {
    if (this.#last?.loop === loop) return this.#last.origins;
    let origins = this.#byLoop.get(loop);
    if (origins === undefined) {
      origins = new OriginMap((origin) => origin.knowsNothing);
      this.#byLoop.set(loop, origins);
    }
    this.#last = { loop, origins };
    return origins;
  }

  /** What there is of an origin on a loop. */
  statistics(loop: EventLoop | null, origin: string): OriginPolicies {
    const known = loop === null ? undefined : this.#byLoop.get(loop)?.get(origin);
    return known?.statistics() ?? { limits: null, concurrency: null, breaker: null, retries: null };
  }
}

function checkConcurrency(name: string, value: unknown): void {
  // The options of the adaptive one are checked by it.
  if (name === "concurrencyPerOrigin" && typeof value === "object" && value !== null) return;
  if (value !== undefined && !(Number.isInteger(value) && (value as number) > 0))
    throw new RangeError(`Cannot create HttpClient: ${name} must be an integer >= 1, received ${String(value)}`);
}
