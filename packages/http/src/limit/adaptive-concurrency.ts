import { type Coroutine, type EventLoop, type Future, RuntimeError, coroutine, getRunningLoop } from "tsyncio";
import { LatencyGauge, roundOf } from "./latency-gauge.ts";

/** Options of `AdaptiveConcurrency`. */
export interface AdaptiveConcurrencyOptions {
  /** How many run at once in the beginning. Default: 4. */
  readonly initial?: number;
  /** Never fewer than this. Default: 1. */
  readonly min?: number;
  /** Never more than this. Default: 200. */
  readonly max?: number;
  /** How many times as long as alone a request may take before there are too many. Default: 1.5. */
  readonly tolerance?: number;
}

/** How a request went. */
export interface PermitOutcome {
  /** How long it took, ms. Default: since the permit was given. */
  readonly elapsed?: number;
  /** Whether the server had too much to do: 429, 503, a time limit, a connection that broke. Not for a 404. */
  readonly failed?: boolean;
}

/** How an adaptive limit is doing. */
export interface AdaptiveConcurrencyStatistics {
  /** How many may run at once now. */
  readonly limit: number;
  readonly inFlight: number;
  readonly waiters: number;
  /** What a request takes, as it was in the last round, ms; 0 before the first. */
  readonly latency: number;
  /** What it takes when it need not wait at the server, ms; 0 before the first round. */
  readonly latencyAlone: number;
}

/** What part of a round may fail: a service that is well has failures too, and fewer requests would not change that. */
const FAILURES_OF_A_WELL_SERVICE = 0.1;
/** So many come together by chance in a short round. */
const FAILURES_BY_CHANCE = 4;
/** What a limit that was too high is multiplied by. */
const AFTER_FAILURE = 0.7;
const AFTER_SLOWNESS = 0.9;
/** After so many rounds one with half of the limit measures what a request takes alone. */
const ROUNDS_BETWEEN_PROBES = 20;

/**
 * A limit for how many requests run at once that finds itself: it grows while they take as long as one alone, by half in
 * the beginning and by one later, and shrinks by a tenth when they take longer, because they wait for each other at the
 * server, and by a third when more than a tenth fail. It moves once in a round of as many requests as it allows, 20 at least.
 *
 * Fair: permits are given in the order in which they were asked for.
 *
 * @example
 * ```ts
 * import { AdaptiveConcurrency } from "@tsyncio/http";
 * import { gather, run, sleep } from "tsyncio";
 * const concurrency = new AdaptiveConcurrency({ initial: 2 });
 * async function ask() {
 *   const permit = await concurrency.acquire();
 *   let failed = true;
 *   try {
 *     await sleep(1); // the request
 *     failed = false;
 *   } finally {
 *     permit.release({ failed });
 *   }
 * }
 * await run(() => gather(...Array.from({ length: 100 }, ask)));
 * console.log(concurrency.statistics().inFlight, concurrency.limit > 2); // → 0 true
 * ```
 * @see https://en.wikipedia.org/wiki/Additive_increase/multiplicative_decrease
 * @see https://en.wikipedia.org/wiki/TCP_Vegas
 */
export class AdaptiveConcurrency {
  readonly #min: number;
  readonly #max: number;
  readonly #gauge: LatencyGauge;
  readonly #line: Set<Future<Permit>> = new Set();
  #loop: EventLoop | null = null;
  /** With a fraction. */
  #limit: number;
  #inFlight = 0;
  /** Permits of an earlier round say nothing: they saw another limit. */
  #round = 0;
  #failures = 0;
  #rounds = 0;
  /** The limit has never been too high: it may grow fast. */
  #starting = true;
  /** Whether as many ran in this round as were allowed. */
  #reached = false;

  /** @throws {RangeError} for options that are none. */
  constructor(options: AdaptiveConcurrencyOptions = {}) {
    const { min = 1, max = Math.max(200, options.initial ?? 0, min), tolerance = 1.5 } = options;
    const { initial = Math.min(max, Math.max(min, 4)) } = options;
    check(Number.isInteger(min) && min >= 1, "min must be an integer above 0", min);
    check(Number.isInteger(max) && max >= min, `max must be an integer and at least ${min}`, max);
    check(initial >= min && initial <= max, `initial must be from ${min} to ${max}`, initial);
    check(tolerance > 1 && tolerance < Infinity, "tolerance must be above 1 and finite", tolerance);
    this.#min = min;
    this.#max = max;
    this.#limit = initial;
    this.#gauge = new LatencyGauge(tolerance);
  }

  /** How many may run at once now. */
  get limit(): number {
    return Math.floor(this.#probing ? Math.max(this.#min, this.#limit / 2) : this.#limit);
  }

  /**
   * Takes a permit, and waits until there is one. Does not suspend when there is one and nobody waits.
   *
   * **When cancelled**: no permit is held. One that had just been given goes to the next in line.
   *
   * @throws {RuntimeError} when it must wait on another loop than the first.
   */
  acquire(): Coroutine<Permit> {
    return AdaptiveConcurrency.#acquire(this);
  }

  static readonly #acquire = coroutine(function* acquire(own: AdaptiveConcurrency): Generator<any, Permit, any> {
    const loop = getRunningLoop();
    if (own.#line.size === 0 && own.#inFlight < own.limit) return own.#grant(loop);
    if ((own.#loop ??= loop) !== loop)
      throw new RuntimeError(
        `Cannot wait for ${String(own)}: it is bound to a different event loop; make one for each loop`,
      );
    const granted = loop.createFuture<Permit>();
    own.#line.add(granted);
    let permit: Permit | null = null;
    try {
      permit = yield* granted;
      return permit;
    } finally {
      if (permit === null) own.#leave(granted);
    }
  });

  #leave(granted: Future<Permit>): void {
    this.#line.delete(granted);
    if (granted.done() && !granted.cancelled()) granted.result().release();
    else this.#serve();
  }

  #grant(loop: EventLoop): Permit {
    this.#inFlight++;
    if (this.#inFlight >= this.limit) this.#reached = true;
    const round = this.#round;
    const begun = loop.time();
    return new Permit((outcome) => this.#released(outcome, round, outcome?.elapsed ?? loop.time() - begun));
  }

  #released(outcome: PermitOutcome | undefined, round: number, elapsed: number): void {
    this.#inFlight--;
    if (outcome !== undefined && round === this.#round) {
      const { limit } = this;
      if (outcome.failed === true && ++this.#failures > mayFail(limit)) this.#shrink(AFTER_FAILURE);
      else if (outcome.failed !== true && this.#gauge.add(elapsed, limit)) this.#judge();
    }
    this.#serve();
  }

  get #probing(): boolean {
    return this.#rounds === ROUNDS_BETWEEN_PROBES;
  }

  #judge(): void {
    const probing = this.#probing;
    const verdict = this.#gauge.judge(probing);
    if (verdict === "less") return this.#shrink(AFTER_SLOWNESS);
    if (verdict === "more" && this.#reached)
      this.#limit = Math.min(this.#max, this.#limit + (this.#starting ? this.#limit / 2 : 1));
    this.#nextRound(probing ? 0 : this.#rounds + 1);
  }

  #shrink(factor: number): void {
    this.#starting = false;
    this.#limit = Math.max(this.#min, this.#limit * factor);
    this.#nextRound(this.#probing ? 0 : this.#rounds + 1);
  }

  #nextRound(rounds: number): void {
    this.#round++;
    this.#rounds = rounds;
    this.#failures = 0;
    this.#gauge.begin();
    this.#reached = this.#inFlight >= this.limit;
  }

  #serve(): void {
    for (const granted of this.#line) {
      if (this.#inFlight >= this.limit) return;
      this.#line.delete(granted);
      // Otherwise it was cancelled, and its task has not had its step yet.
      if (!granted.done()) granted.setResult(this.#grant(this.#loop as EventLoop));
    }
  }

  statistics(): AdaptiveConcurrencyStatistics {
    return Object.freeze({
      limit: this.limit,
      inFlight: this.#inFlight,
      waiters: this.#line.size,
      latency: this.#gauge.latest,
      latencyAlone: this.#gauge.alone,
    });
  }

  toString(): string {
    const waiters = this.#line.size;
    return `<${this.constructor.name} [${this.#inFlight}/${this.limit}${waiters > 0 ? `, waiters:${waiters}` : ""}]>`;
  }
}

/** The right to run one request. To be released once; more does nothing. */
export class Permit implements Disposable {
  #release: ((outcome: PermitOutcome | undefined) => void) | null;

  /** @internal */
  constructor(release: (outcome: PermitOutcome | undefined) => void) {
    this.#release = release;
  }

  /** Gives it back. Without an outcome nothing is learnt: for a request that was cancelled, or never sent. */
  release(outcome?: PermitOutcome): void {
    const release = this.#release;
    this.#release = null;
    release?.(outcome);
  }

  [Symbol.dispose](): void {
    this.release();
  }
}

/** How many requests of a round may fail. */
function mayFail(limit: number): number {
  return Math.max(FAILURES_BY_CHANCE, FAILURES_OF_A_WELL_SERVICE * roundOf(limit));
}

function check(holds: boolean, rule: string, value: unknown): void {
  if (!holds) throw new RangeError(`Cannot create AdaptiveConcurrency: ${rule}, received ${String(value)}`);
}
