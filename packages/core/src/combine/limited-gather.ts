import { type Context, inheritedContext } from "../loop/context.ts";
import type { EventLoop } from "../loop/event-loop.ts";
import { exec } from "../loop/execution.ts";
import { isCoroutine } from "../coroutine/coroutine.ts";
import { DONE, FAILED, Future, type Listener, makeCancelled } from "../task/future.ts";
import { type Employer, NO_JOB, Worker } from "./worker.ts";

/** The future of a `gather()` with a limit: so many workers take from one iterator. */
export class LimitedGather extends Future<unknown[]> implements Listener, Employer {
  readonly context: Context | undefined = inheritedContext();
  readonly #source: Iterable<unknown>;
  readonly #iterator: Iterator<unknown>;
  /** Read once, as `for…of` does: every generator function has a hidden class of its own, in which it is slow to look up. */
  readonly #nextOf: Iterator<unknown>["next"];
  readonly #limit: number;
  readonly #keepsErrors: boolean;
  readonly #failFast: boolean;
  readonly results: unknown[] = [];
  index = -1;
  /** Taken from the iterable at the start, in the order of their places. */
  readonly #waiting: unknown[] = [];
  readonly #workers: Worker[] = [];
  #exhausted = false;
  /** No more jobs are started. */
  #over = false;
  /** Workers that have not ended. */
  #left = 0;
  #failure: { readonly error: unknown } | null = null;

  constructor(source: Iterable<unknown>, loop: EventLoop, limit: number, keepsErrors: boolean, failFast: boolean) {
    super({ loop });
    this.#source = source;
    this.#iterator = source[Symbol.iterator]();
    this.#nextOf = this.#iterator.next;
    this.#limit = limit;
    this.#keepsErrors = keepsErrors;
    this.#failFast = failFast;
  }

  /** Takes the first entries and starts a worker for each. */
  start(): this {
    try {
      while (this.#waiting.length < this.#limit) {
        const job = this.#pull();
        if (job === NO_JOB) break;
        this.#waiting.push(job);
      }
    } catch (error) {
      this.#exhausted = true;
      this.#end();
      throw error;
    }
    for (let n = this.#waiting.length; n > 0; n--) {
      const worker = new Worker(this);
      this.#workers.push(worker);
      worker.listen(this);
    }
    this.#left = this.#workers.length;
    if (this.#left === 0) this.settle(DONE, this.results);
    return this;
  }

  take(): unknown {
    if (this.#over) return NO_JOB;
    this.index++;
    const waiting = this.#waiting;
    if (this.index < waiting.length) {
      const job = waiting[this.index];
      waiting[this.index] = undefined;
      return job;
    }
    try {
      return this.#pull();
    } catch (error) {
      this.#exhausted = true;
      this.#fail(error);
      return NO_JOB;
    }
  }

  #pull(): unknown {
    if (this.#exhausted) return NO_JOB;
    const step = this.#nextOf.call(this.#iterator);
    if (step.done !== true) return step.value;
    this.#exhausted = true;
    return NO_JOB;
  }

  failed(index: number, error: unknown): void {
    if (this.#keepsErrors) this.results[index] = error;
    else this.#fail(error);
  }

  /** The first failure counts. */
  #fail(error: unknown): void {
    if (this.#failure !== null) return;
    this.#failure = { error };
    this.#end();
    if (!this.#failFast) return this.loop.soon(this);
    for (const worker of this.#workers) if (worker !== exec.task) worker.cancel();
  }

  /** Starts no more jobs: closes those that are there, and leaves the iterable. */
  #end(): void {
    if (this.#over) return;
    this.#over = true;
    for (const aw of this.#waiting) closeUnstarted(aw);
    this.#waiting.length = 0;
    if (this.#exhausted) return;
    this.#exhausted = true;
    const iterator = this.#iterator;
    if (iterator.return !== undefined) iterator.return();
    else if (Array.isArray(this.#source) || this.#source instanceof Set) {
      for (let step = iterator.next(); step.done !== true; step = iterator.next()) closeUnstarted(step.value);
    }
  }

  disturbed(message: unknown): void {
    if (this.#over && this.#failure !== null) return;
    this.#failure = { error: makeCancelled(message) };
    this.#end();
  }

  /** A worker has ended. */
  notify(): void {
    if (--this.#left === 0) this.loop.soon(this);
  }

  /** All workers have ended, or the first failure ends it before them. */
  fire(): void {
    if (this.done()) return;
    if (this.#failure !== null) this.settle(FAILED, this.#failure.error);
    else this.settle(DONE, this.results);
  }

  /** Cancels what runs and closes what has not started. False when there is nothing left to cancel. */
  override cancel(message?: unknown): boolean {
    if (this.done() || this.#left === 0) return false;
    // A requested cancellation comes before an error that has not been thrown yet.
    this.#failure = { error: makeCancelled(message) };
    this.#end();
    for (const worker of this.#workers) worker.cancel(message);
    return true;
  }
}

function closeUnstarted(aw: unknown): void {
  if (isCoroutine(aw) && aw.state === "created") aw.close();
}
