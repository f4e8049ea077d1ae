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
  /** Until the answer was there, in milliseconds. */
  readonly elapsed: number;
  /** Whether the host could not cope: 429, 503, no answer. */
  readonly strained: boolean;
  /** What it asks for by `Retry-After`, in milliseconds. */
  readonly retryAfter: number | null;
}

const FIRST_PENALTY = 500;
const RECOVERY = 0.5;
/** Below that a pause is none. */
const SHORTEST = 20;
/** Answers are called slow above twice the fastest, and this much. */
const SLACK = 150;
const SMOOTHING = 0.2;
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
  #fastest = Infinity;
  #recent = 0;
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

  #adapt({ elapsed, strained }: PaceSample): void {
    if (strained) {
      this.#penalty = Math.min(Math.max(FIRST_PENALTY, this.#penalty * 2), this.#maxDelay);
      this.#window = Math.max(1, this.#window / 2);
      return;
    }
    this.#penalty = this.#penalty * RECOVERY < SHORTEST ? 0 : this.#penalty * RECOVERY;
    this.#recent = this.#recent === 0 ? elapsed : this.#recent + SMOOTHING * (elapsed - this.#recent);
    this.#fastest = Math.min(this.#fastest, elapsed);
    if (this.#recent > this.#fastest * 2 + SLACK) this.#window = Math.max(1, this.#window * 0.95);
    else this.#window = Math.min(this.#limit, this.#window + 1 / this.#window);
  }
}
