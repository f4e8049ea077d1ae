import { type Duration, milliseconds } from "tsyncio";

/** How hard a host may be worked. */
export interface PaceOptions {
  /** The time between the starts of two requests to one host. A longer `Crawl-delay` of its robots.txt goes before. Default: 0. */
  readonly delay?: Duration;
  /** How many requests to one host may be under way. Default: 8. */
  readonly concurrencyPerHost?: number;
  /**
   * Whether a host that shows strain is given rest: fewer requests at once while its answers become slower, pauses after
   * 429, 503, time limits and broken connections, which grow until it recovers. Default: true.
   */
  readonly adaptive?: boolean;
  /** The longest pause, whoever asks for it: `Crawl-delay`, `Retry-After`, or a host that keeps failing. Default: 2 min. */
  readonly maxDelay?: Duration;
}

/** @throws {TypeError} {RangeError} for what is no pace. */
export function checkPace({ delay = 0, concurrencyPerHost = 1, maxDelay = 0 }: PaceOptions): void {
  milliseconds(delay);
  milliseconds(maxDelay);
  if (!Number.isInteger(concurrencyPerHost) || concurrencyPerHost < 1)
    throw new RangeError(
      `Cannot crawl: pace.concurrencyPerHost must be an integer >= 1, received ${String(concurrencyPerHost)}`,
    );
}

/** How a request went. */
export interface PaceSample {
  /** Until the answer was there, in milliseconds; null when that says nothing. */
  readonly elapsed: number | null;
  /** Whether the host says that it cannot cope: 429, 503. */
  readonly strained: boolean;
  /** Whether there was no answer: a time limit, a broken connection. */
  readonly unanswered: boolean;
  /** What it asks for by `Retry-After`, in milliseconds. */
  readonly retryAfter: number | null;
}

const FIRST_PENALTY = 500;
const RECOVERY = 0.5;
/** Below that a pause is none. */
const SHORTEST = 20;
/** Answers are called slow above twice what is usual, and this much. */
const SLACK = 150;
const SMOOTHING = 0.2;
/** How fast what is usual follows answers that are faster, and those that are slower. */
const TO_FASTER = 0.05;
const TO_SLOWER = 0.005;
/** Requests are lost everywhere now and then: more than this share, the last ones counting most, is a sign of strain. */
const LOST = 0.3;
/** When nearly all are, the host is down. */
const ALL_LOST = 0.9;
/** The longest pause until then: answers that are awaited in vain end together, and are no more than one sign. */
const LONGEST_FOR_LOST = 2_000;
/** In milliseconds. */
const CATCH_UP = 50;

/**
 * When the next request to a host may start, and how many may be under way.
 *
 * The number under way follows additive increase and multiplicative decrease (TCP's congestion control, Jacobson 1988), with
 * slow answers and failures as the signs of congestion.
 */
export class HostPace {
  readonly #limit: number;
  readonly #adaptive: boolean;
  readonly #maxDelay: number;
  readonly #delay: number;
  #crawlDelay = 0;
  #window: number;
  #penalty = 0;
  /** Of answers, in milliseconds: 0 before the first. */
  #recent = 0;
  #usual = 0;
  #lost = 0;
  /** When the next request may start, on the clock of the loop. */
  readyAt = 0;

  constructor(options: PaceOptions) {
    checkPace(options);
    const { delay = 0, concurrencyPerHost = 8, adaptive = true, maxDelay = "2m" } = options;
    this.#delay = milliseconds(delay);
    this.#limit = concurrencyPerHost;
    this.#adaptive = adaptive;
    this.#maxDelay = milliseconds(maxDelay);
    this.#window = Math.min(2, concurrencyPerHost);
  }

  /** How many requests may be under way: one, where the host asks for a delay. */
  get limit(): number {
    if (this.#crawlDelay > 0) return 1;
    return this.#adaptive ? Math.max(1, Math.floor(this.#window)) : this.#limit;
  }

  /** The time between two requests, in milliseconds. */
  get delay(): number {
    return Math.max(this.#delay, this.#crawlDelay) + this.#penalty;
  }

  /** What its robots.txt asks for, in milliseconds. */
  setCrawlDelay(delay: number): void {
    this.#crawlDelay = Math.min(delay, this.#maxDelay);
  }

  started(now: number): void {
    const { delay } = this;
    // Shorter delays than that are a rate: what timers are late by is made up for.
    const late = delay < CATCH_UP ? Math.min(Math.max(0, now - this.readyAt), CATCH_UP) : 0;
    this.readyAt = Math.max(this.readyAt, now - late + delay);
  }

  ended(now: number, sample: PaceSample): void {
    if (this.#adaptive) this.#adapt(sample);
    // The host counts from answer to request: it cannot know when we began.
    if (this.#crawlDelay > 0 || this.#penalty > 0) this.readyAt = Math.max(this.readyAt, now + this.delay);
    if (sample.retryAfter !== null)
      this.readyAt = Math.max(this.readyAt, now + Math.min(sample.retryAfter, this.#maxDelay));
  }

  #adapt({ elapsed, strained, unanswered }: PaceSample): void {
    this.#lost += SMOOTHING * (Number(unanswered) - this.#lost);
    if (strained) return this.#spare(this.#maxDelay, 1);
    if (unanswered) {
      // With one request at a time, one that is lost would stop everything.
      if (this.#lost > LOST) this.#spare(this.#lost > ALL_LOST ? this.#maxDelay : LONGEST_FOR_LOST, 2);
      return;
    }
    this.#penalty = this.#penalty * RECOVERY < SHORTEST ? 0 : this.#penalty * RECOVERY;
    if (elapsed !== null && this.#isSlow(elapsed)) this.#window = Math.max(1, this.#window * 0.95);
    else this.#window = Math.min(this.#limit, this.#window + 1 / this.#window);
  }

  #spare(longest: number, least: number): void {
    const penalty = Math.min(Math.max(FIRST_PENALTY, this.#penalty * 2), longest, this.#maxDelay);
    this.#penalty = Math.max(this.#penalty, penalty);
    this.#window = Math.min(this.#window, Math.max(least, this.#window / 2));
  }

  #isSlow(elapsed: number): boolean {
    if (this.#recent === 0) this.#recent = this.#usual = elapsed;
    this.#recent += SMOOTHING * (elapsed - this.#recent);
    const difference = this.#recent - this.#usual;
    this.#usual += (difference < 0 ? TO_FASTER : TO_SLOWER) * difference;
    return this.#recent > 2 * this.#usual + SLACK;
  }
}
