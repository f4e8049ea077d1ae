import type { OpenChannel, WorkerExit } from "./channel.ts";
import type { Job } from "./job.ts";
import { PoolWorker, type PoolWorkerOwner } from "./pool-worker.ts";

/** A worker gets more jobs when it has no more than this many left: it need not wait for them then … */
const LEFT = 32;
/** … and when that is no more than this many milliseconds of work, as far as is known. */
export const AHEAD = 0.5;
/** Workers that end without having come up, one after the other, until no more are tried. */
const FAILED_STARTS = 3;

/** The workers of a pool, which come and go. */
export class WorkerSet implements Iterable<PoolWorker> {
  readonly #owner: PoolWorkerOwner;
  readonly #max: number;
  readonly #open: OpenChannel;
  readonly #workers: Set<PoolWorker> = new Set();
  #failedStarts = 0;
  /** How many are being ended: others may take their places. */
  #ending = 0;

  constructor(owner: PoolWorkerOwner, max: number, open: OpenChannel) {
    this.#owner = owner;
    this.#max = max;
    this.#open = open;
  }

  get size(): number {
    return this.#workers.size;
  }

  [Symbol.iterator](): Iterator<PoolWorker> {
    return this.#workers.values();
  }

  /** How many jobs could begin if all were up. */
  get free(): number {
    let free = this.#max;
    for (const worker of this.#workers) if (worker.state === "ready" && worker.jobs.size > 0) free--;
    return free;
  }

  idle(): PoolWorker | undefined {
    for (const worker of this.#workers) if (worker.state === "ready" && worker.jobs.size === 0) return worker;
    return undefined;
  }

  /** For a short job: the worker that has least left, all of it short. */
  nearlyIdle(job: Job): PoolWorker | undefined {
    const most = AHEAD - job.fn.expected;
    let found: PoolWorker | undefined;
    for (const worker of this.#workers) {
      if (worker.state !== "ready" || worker.silent || !worker.counts) continue;
      if (worker.expected > most || worker.jobs.size > LEFT) continue;
      if (found === undefined || worker.jobs.size < found.jobs.size) found = worker;
    }
    return found;
  }

  /**
   * Starts workers while there are jobs for which none is up or starting.
   *
   * @returns why there will be none, when that is so
   */
  grow(waiting: number): WorkerExit | null {
    for (;;) {
      const live = this.#workers.size - this.#ending;
      if (waiting === 0 || live >= this.#max || (live > 0 && this.#failedStarts >= FAILED_STARTS)) return null;
      let starting = 0;
      for (const worker of this.#workers) if (worker.state === "starting") starting++;
      if (starting >= waiting) return null;
      try {
        this.#workers.add(new PoolWorker(this.#owner, this.#open));
      } catch (error) {
        const exit = { code: null, signal: null, error };
        if (this.#startFailed()) return exit;
      }
    }
  }

  /** A worker has come up. */
  started(): void {
    this.#failedStarts = 0;
  }

  /** Whether that was too often, and nothing else is there to do the jobs. */
  #startFailed(): boolean {
    return ++this.#failedStarts >= FAILED_STARTS && this.#workers.size === this.#ending;
  }

  /** Lets a worker end that nothing is left for. */
  end(worker: PoolWorker): void {
    if (worker.state === "ending") return;
    this.#ending++;
    worker.end();
  }

  /** Ends a worker that does not do what it should; `reason` is the end of a sentence. */
  terminate(worker: PoolWorker, reason: string): void {
    this.#ending++;
    worker.terminate(reason);
  }

  /**
   * A worker has ended.
   *
   * @returns whether there will be none
   */
  ended(worker: PoolWorker): boolean {
    this.#workers.delete(worker);
    if (worker.state === "ending") this.#ending--;
    return worker.state === "starting" && this.#startFailed();
  }
}
