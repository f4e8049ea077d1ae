import {
  type Coroutine,
  type EventLoop,
  type Future,
  RuntimeError,
  type TimerHandle,
  coroutine,
  getRunningLoop,
} from "tsyncio";
import type { Limit, LimitStatistics, Share } from "./limit.ts";
import type { IterableHeaders } from "../retry/http-date.ts";
import type { Quota } from "./quota.ts";
import { type Cost, checkCost } from "./cost.ts";
import { GivenLimit } from "./given-limit.ts";
import { LearntLimit } from "./learnt-limit.ts";
import { learntQuotas } from "./learnt.ts";
import { Refusals } from "./refusals.ts";
import { type Rate, checkedRate } from "./rate.ts";
import { Reopening } from "./reopening.ts";
import { type Issuer, Reservation } from "./reservation.ts";
import { Unseen } from "./unseen.ts";

/** What may be used: a rate for each dimension, or several that hold together (`requests: ["10/1s", "1000/1h"]`). */
export type RateLimitsOptions = Readonly<Record<string, Rate | readonly Rate[]>>;

/** How the limits of a service are doing. */
export interface RateLimitsStatistics {
  readonly waiters: number;
  /** Reservations that are neither settled nor cancelled. */
  readonly open: number;
  /** For how long nothing is given at all, ms. */
  readonly pausedFor: number;
  readonly limits: readonly LimitStatistics[];
}

/** Somebody in line. */
interface Waiter {
  readonly cost: Cost;
  readonly granted: Future<void>;
  reservation: Reservation | null;
}

/**
 * The limits of one service in several dimensions at once: requests, tokens, or whatever it counts. Fair: reservations
 * are given in the order in which they were asked for, and a small one does not overtake a large one.
 *
 * In no `per` is more used than its rate, wherever it begins, and within it the use is spread evenly, as far as `burst`
 * says. So it suits servers that count in fixed windows, in sliding ones, and those with a token bucket.
 *
 * @example
 * ```ts
 * import { RateLimits } from "@tsyncio/http";
 * import { run } from "tsyncio";
 * const limits = new RateLimits({ requests: "600/1m", tokens: "90000/1m" });
 * async function ask() {
 *   using reservation = await limits.reserve({ tokens: 1_000 });
 *   // … the request; its answer says what it has used:
 *   reservation.correct({ tokens: 250 });
 * }
 * await run(ask());
 * console.log(limits.statistics().limits.map(({ remaining }) => remaining)); // → [ 599, 89750 ]
 * ```
 */
export class RateLimits implements Issuer {
  readonly #given: readonly GivenLimit[];
  /** By the name that they have in the headers. */
  readonly #learnt: Map<string, LearntLimit> = new Map();
  /** All of them. */
  readonly #limits: Limit[];
  readonly #line: Set<Waiter> = new Set();
  readonly #unseen: Unseen = new Unseen();
  readonly #refusals: Refusals = new Refusals();
  readonly #reopening: Reopening = new Reopening();
  #granted = 0;
  /** The last reservation of those that have been answered. */
  #answered = 0;
  #pausedUntil = -Infinity;
  #timer: TimerHandle | null = null;
  /** Where its times come from. */
  #loop: EventLoop | null = null;

  /** @throws {TypeError | RangeError} for what is no rate. */
  constructor(rates: RateLimitsOptions = {}) {
    this.#given = Object.entries(rates).flatMap(([dimension, given]) =>
      (isList(given) ? given : [given]).map((rate) => new GivenLimit(dimension, checkedRate(rate, dimension))),
    );
    this.#limits = [...this.#given];
  }

  /**
   * Waits until the whole cost may be used, and takes it: of all dimensions at once, and of none before. Does not
   * suspend when it is there and nobody waits.
   *
   * **When cancelled**: nothing is taken. What had just been given goes to the next in line.
   *
   * @throws {RangeError} when a cost is negative, or above what a given limit ever allows.
   * @throws {RuntimeError} on another loop than the first.
   */
  reserve(cost: Cost = {}): Coroutine<Reservation> {
    return RateLimits.#reserve(this, this.#wholeCost(cost));
  }

  static readonly #reserve = coroutine(function* reserve(limits: RateLimits, cost: Cost) {
    const free = limits.#takeFree(cost);
    if (free !== null) return free;
    const waiter: Waiter = { cost, granted: limits.#clock().createFuture<void>(), reservation: null };
    limits.#line.add(waiter);
    limits.changed();
    let resumed = false;
    try {
      yield* waiter.granted;
      resumed = true;
    } finally {
      if (!resumed) limits.#leave(waiter);
    }
    return waiter.reservation as unknown as Reservation;
  });

  #leave(waiter: Waiter): void {
    this.#line.delete(waiter);
    if (waiter.reservation === null) this.changed();
    else waiter.reservation.cancel();
  }

  /**
   * As `reserve()`, but null when it would have to wait.
   *
   * @throws {RangeError} as `reserve()`.
   */
  tryReserve(cost: Cost = {}): Reservation | null {
    return this.#takeFree(this.#wholeCost(cost));
  }

  /**
   * Gives nothing before `until`, in `loop.time()` milliseconds: all who ask wait. When a later time was set before, that
   * stays.
   *
   * @throws {RuntimeError} on another loop than the first.
   */
  pause(until: number): void {
    if (typeof until !== "number" || Number.isNaN(until))
      throw new TypeError(`Cannot pause until ${String(until)}: expected loop.time() milliseconds`);
    this.#clock();
    this.#pausedUntil = Math.max(this.#pausedUntil, until);
    this.changed();
  }

  /**
   * Learns from an answer: from what its headers say about limits, and from being refused. 429 and 503 with
   * `Retry-After` pause everybody for so long, 429 without it for a second, and twice as long each time. Where no limit is
   * known one request goes after the pause, and more as they go well.
   *
   * @param reservation with which the request was sent: the server has counted it. It is settled.
   * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
   */
  learn(status: number, headers: IterableHeaders, reservation?: Reservation): void {
    const now = this.#clock().time();
    if (reservation === undefined) this.#reopening.ended();
    if (status < 400) this.#reopening.succeeded();
    const latest = reservation === undefined || reservation.number >= this.#answered;
    if (reservation !== undefined && latest) this.#answered = reservation.number;
    for (const quota of learntQuotas(headers)) {
      const { dimension } = quota;
      const unseen =
        this.#unseen.of(dimension, (reservation ?? this.#unseen).settled) - (reservation?.cost[dimension] ?? 0);
      this.#limitOf(quota).update(quota, { unseen, latest }, now);
    }
    const pause = this.#refusals.pauseAfter(status, headers, this.#pausedUntil > now);
    if (pause !== null) this.#refused(now + pause);
    // Not before: what it gives back to the line is given by what has been learnt.
    reservation?.settle();
    this.changed();
  }

  #refused(until: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, until);
    // Where limits are known, they say how it goes on.
    if (this.#limits.length === 0) this.#reopening.begin(this.#pausedUntil, this.#granted);
  }

  #limitOf({ name, dimension }: Quota): LearntLimit {
    let limit = this.#learnt.get(name);
    if (limit === undefined) {
      limit = new LearntLimit(dimension);
      this.#learnt.set(name, limit);
      this.#limits.push(limit);
    }
    return limit;
  }

  statistics(): RateLimitsStatistics {
    const now = this.now();
    return Object.freeze({
      waiters: this.#line.size,
      open: this.#unseen.open,
      pausedFor: Math.max(0, this.#pausedUntil - now),
      limits: Object.freeze(this.#limits.map((limit) => limit.statistics(now))),
    });
  }

  toString(): string {
    const limits = this.#limits.map((limit) => limit.statistics(this.now()));
    const shown = limits.map(
      ({ dimension, remaining, rate }) => `${dimension}:${Math.floor(remaining)}/${rate ?? "?"}`,
    );
    if (this.#line.size > 0) shown.push(`waiters:${this.#line.size}`);
    return `<${this.constructor.name} [${shown.join(", ")}]>`;
  }

  #wholeCost(cost: Cost): Cost {
    checkCost(cost, "reserve");
    const whole: Cost = { requests: 1, ...cost };
    for (const limit of this.#limits) limit.check(limit.amountOf(whole));
    return whole;
  }

  #takeFree(cost: Cost): Reservation | null {
    const now = this.#clock().time();
    return this.#line.size === 0 && this.#readyAt(cost, now) <= now ? this.#grant(cost, now) : null;
  }

  #readyAt(cost: Cost, now: number): number {
    let when = Math.max(this.#pausedUntil, this.#reopening.readyAt(now));
    for (const limit of this.#limits) {
      const amount = limit.amountOf(cost);
      if (amount > 0) when = Math.max(when, limit.readyAt(amount, now));
    }
    return when;
  }

  #grant(cost: Cost, now: number): Reservation {
    this.#unseen.grant(cost);
    this.#reopening.granted();
    const shares: Share[] = [];
    for (const limit of this.#limits) {
      const amount = limit.amountOf(cost);
      if (amount > 0) shares.push(limit.take(amount, now));
    }
    return new Reservation(this, { number: ++this.#granted, settled: this.#unseen.settled }, cost, shares);
  }

  /** @internal */
  charge(dimension: string, amount: number, now: number): Share[] {
    // The others have been told by the server.
    const limits = this.#given.filter((limit) => limit.dimension === dimension);
    return limits.map((limit) => limit.take(amount, now));
  }

  /** @internal */
  closed({ cost, number }: Reservation): void {
    this.#unseen.settle(cost);
    this.#reopening.ended(number);
  }

  /** @internal Gives to those in line what is there for them, and sets the timer for the first who has to wait on. */
  changed(): void {
    for (const waiter of this.#line) {
      // Cancelled, and its task has not had its step yet.
      if (waiter.granted.done()) continue;
      const now = this.now();
      const when = this.#readyAt(waiter.cost, now);
      if (when > now) return this.#wakeAt(when);
      this.#line.delete(waiter);
      waiter.reservation = this.#grant(waiter.cost, now);
      waiter.granted.setResult();
    }
    this.#wakeAt(Infinity);
  }

  #wakeAt(when: number): void {
    if (this.#timer?.when() === when) return;
    this.#timer?.cancel();
    this.#timer = when === Infinity ? null : (this.#loop as EventLoop).callAt(when, () => this.#ring());
  }

  #ring(): void {
    this.#timer = null;
    this.changed();
  }

  /** @internal */
  now(): number {
    return this.#loop?.time() ?? 0;
  }

  #clock(): EventLoop {
    const loop = getRunningLoop();
    if (this.#loop !== loop && this.#loop !== null)
      throw new RuntimeError(
        `Cannot use ${String(this)} here: it is bound to a different event loop; make one for each loop`,
      );
    return (this.#loop = loop);
  }
}

function isList(given: Rate | readonly Rate[]): given is readonly Rate[] {
  return Array.isArray(given);
}
