import type { RateLimits } from "@tsyncio/http";
import type { BatchCost } from "../request/batch-request.ts";
import type { InputFaultReport } from "./batch-event.ts";
import type { BatchProgress, LimitProgress } from "./batch-progress.ts";
import type { BatchReport } from "./batch-report.ts";
import { PerMinute } from "./per-minute.ts";

const FAULTS_KEPT = 100;

/** What only the run itself knows at a moment. */
export interface Moment {
  readonly inFlight: number;
  readonly waiting: number;
  readonly concurrency: number;
  readonly limits: RateLimits;
}

/** Counts what a run does. */
export class Figures {
  succeeded = 0;
  failed = 0;
  skipped = 0;
  attempts = 0;
  limited = 0;
  /** Failures that were recorded by earlier runs. */
  earlierFailures = 0;
  faultCount = 0;
  readonly faults: InputFaultReport[] = [];
  /** Items that were taken from the input, and how much of it that is. */
  read = 0;
  position = 0;
  exhausted = false;
  readonly #size: number | null;
  readonly #now: () => number;
  readonly #began: number;
  readonly #results: PerMinute;
  readonly #used: Map<string, PerMinute> = new Map();
  readonly #usage: Map<string, number> = new Map();

  constructor(size: number | null, now: () => number) {
    this.#size = size;
    this.#now = now;
    this.#began = now();
    this.#results = new PerMinute(this.#began);
  }

  get elapsed(): number {
    return this.#now() - this.#began;
  }

  fault(line: number, message: string): void {
    this.faultCount++;
    if (this.faults.length < FAULTS_KEPT) this.faults.push({ line, message });
  }

  sent(): void {
    this.attempts++;
    this.#use("requests", 1);
  }

  used(usage: BatchCost): void {
    for (const [name, amount] of Object.entries(usage)) {
      this.#usage.set(name, (this.#usage.get(name) ?? 0) + amount);
      if (name !== "requests") this.#use(name, amount);
    }
  }

  recorded(ok: boolean): void {
    if (ok) this.succeeded++;
    else this.failed++;
    this.#results.add(1, this.#now());
  }

  #use(name: string, amount: number): void {
    const now = this.#now();
    let used = this.#used.get(name);
    if (used === undefined) this.#used.set(name, (used = new PerMinute(now)));
    used.add(amount, now);
  }

  progress({ inFlight, waiting, concurrency, limits }: Moment): BatchProgress {
    const now = this.#now();
    const { succeeded, failed, skipped, faultCount: faults, elapsed } = this;
    const done = succeeded + failed + skipped + faults;
    const total = this.#total();
    const span = this.#results.span(now);
    const rate = span === 0 ? 0 : (this.#results.amount(now) * 1000) / span;
    const { limits: stated, pausedFor } = limits.statistics();
    return {
      done,
      total,
      totalIsExact: this.exhausted,
      succeeded,
      failed,
      skipped,
      faults,
      inFlight,
      waiting,
      concurrency,
      rate,
      limits: this.#limits(stated, now),
      pausedFor,
      elapsed,
      timeLeft: total === null || rate === 0 ? null : (Math.max(0, total - done) / rate) * 1000,
    };
  }

  #total(): number | null {
    if (this.exhausted) return this.read;
    if (this.#size === null || this.position === 0) return null;
    return Math.max(this.read, Math.round((this.read * this.#size) / this.position));
  }

  #limits(stated: ReturnType<RateLimits["statistics"]>["limits"], now: number): LimitProgress[] {
    const permitted = new Map<string, number | null>();
    for (const name of this.#used.keys()) permitted.set(name, null);
    for (const { dimension, rate, per } of stated) {
      if (rate === null || per === null) continue;
      const inMinute = (rate * 60_000) / per;
      permitted.set(dimension, Math.min(permitted.get(dimension) ?? Infinity, inMinute));
    }
    return [...permitted].map(([name, most]) => ({
      name,
      used: this.#used.get(name)?.amount(now) ?? 0,
      permitted: most,
    }));
  }

  report(stopped: string | null): BatchReport {
    const { succeeded, failed, skipped, faultCount, faults, attempts, limited, elapsed } = this;
    return {
      complete: stopped === null && this.exhausted && faultCount === 0,
      stopped,
      succeeded,
      failed,
      skipped,
      failures: failed + this.earlierFailures,
      faultCount,
      faults,
      attempts,
      limited,
      usage: Object.fromEntries(this.#usage),
      elapsed,
    };
  }
}
