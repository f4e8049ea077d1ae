import { type Coroutine, Queue, coroutine } from "tsyncio";
import type { Job } from "./job.ts";
import type { PoolWorker } from "./pool-worker.ts";

/** Items that a worker may send ahead of the consumer. */
const AHEAD = 16;

/**
 * An async iterable that a job returned, as it arrives here: items are sent as they are taken, 16 ahead at most. Leaving
 * the loop closes the iterator in the worker, whose job is over only then.
 */
export class RemoteStream<T = any> implements AsyncIterableIterator<T, undefined> {
  readonly #worker: PoolWorker;
  readonly #job: Job;
  readonly #items: Queue<T> = new Queue<T>();
  readonly #arrivals: AsyncIterableIterator<T, undefined> = this.#items[Symbol.asyncIterator]();
  /** Items that the worker may still send. */
  #credit = 0;
  #ended = false;
  #error: unknown = null;

  /** @internal */
  constructor(worker: PoolWorker, job: Job) {
    this.#worker = worker;
    this.#job = job;
  }

  /** @internal */
  push(items: readonly T[]): void {
    this.#credit -= items.length;
    if (!this.#items.statistics().isShutDown) for (const item of items) this.#items.putNowait(item);
  }

  /** @internal */
  end(error: unknown): void {
    this.#ended = true;
    this.#error = error;
    this.#items.shutdown();
  }

  /** @internal Nobody wants the items. */
  leave(): void {
    if (this.#ended) return;
    this.#items.shutdown(true);
    this.#worker.tell({ leave: this.#job.id });
  }

  /** @internal */
  pull(): void {
    if (this.#ended || this.#credit + this.#items.qsize() > AHEAD / 2) return;
    const credit = AHEAD - this.#credit - this.#items.qsize();
    this.#credit += credit;
    this.#worker.tell({ pull: this.#job.id, credit });
  }

  /** @internal The error of the iterator, once. */
  raise(): void {
    const error = this.#error;
    this.#error = null;
    if (error !== null) throw error;
  }

  /**
   * The next item.
   *
   * **When cancelled**: no item is lost.
   *
   * @throws what the iterator in the worker threw; `BrokenWorkerError` when its worker has ended.
   */
  next(): Coroutine<IteratorResult<T, undefined>> {
    return taking(this, this.#arrivals) as Coroutine<IteratorResult<T, undefined>>;
  }

  /** Leaves the stream: the iterator in the worker is closed. */
  return(): Coroutine<IteratorResult<T, undefined>> {
    return leaving(this);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

const taking = coroutine(function* next<T>(
  stream: RemoteStream<T>,
  arrivals: AsyncIterator<T, undefined>,
): Generator<any, IteratorResult<T, undefined>, any> {
  stream.pull();
  const step: IteratorResult<T, undefined> = yield arrivals.next();
  if (step.done) stream.raise();
  return step;
});

const leaving = coroutine(function* leave(stream: RemoteStream): Generator<any, IteratorResult<never, undefined>, any> {
  stream.leave();
  return { done: true, value: undefined };
});
