import { type Awaitable, type Coroutine, Event, Queue, RuntimeError, coroutine } from "tsyncio";
import type { Job } from "./job.ts";
import type { PoolWorker } from "./pool-worker.ts";

/** What a job gives that returned an `R`: itself, or the stream of an async iterable. */
export type JobResult<R> = 0 extends 1 & R ? R : R extends AsyncIterable<infer T> ? RemoteStream<T> : R;

/** Items that a worker may send ahead of the consumer. */
const AHEAD = 16;

/** An error, which may be any value. */
interface Thrown {
  readonly error: unknown;
}

/** What hears that a consumer wants no more. */
export interface StreamOwner {
  left(job: Job, worker: PoolWorker): void;
}

/**
 * A stream as its pool sees it: what has arrived of it.
 *
 * | state | items | left by |
 * |---|---|---|
 * | new | none was asked for | pull() → open, leave() → left, end() → ended |
 * | open | come as there is room | leave() → left, end() → ended |
 * | left | are dropped | end() → ended |
 * | ended | those that have arrived are still given | |
 */
export class StreamReceiver<T = any> {
  readonly job: Job;
  readonly arrivals: AsyncIterator<T, undefined>;
  readonly over: Event = new Event();
  state: "new" | "open" | "left" | "ended" = "new";
  readonly #worker: PoolWorker;
  readonly #owner: StreamOwner;
  readonly #items: Queue<T> = new Queue<T>();
  /** Items that the worker may still send. */
  #credit = 0;
  /** What `next()` throws, once, when there is no item any more. */
  #thrown: Thrown | null = null;
  /** What the iterator threw when it was closed. */
  #thrownAtClose: Thrown | null = null;

  constructor(worker: PoolWorker, job: Job, owner: StreamOwner) {
    this.job = job;
    this.#worker = worker;
    this.#owner = owner;
    this.arrivals = this.#items[Symbol.asyncIterator]();
  }

  push(items: readonly T[]): void {
    this.#credit -= items.length;
    if (this.#unheard) this.leave();
    if (this.state === "open") for (const item of items) this.#items.putNowait(item);
  }

  /** Nothing more comes. `thrown` is what the consumer gets after the items that have arrived. */
  end(thrown: Thrown | null): void {
    if (this.state === "ended") return;
    const { state } = this;
    this.state = "ended";
    if (state === "left") {
      this.#worker.release();
      this.#thrownAtClose = thrown;
    } else this.#thrown = thrown;
    if (this.#unheard) return;
    this.#items.shutdown();
    this.over.set();
  }

  /** A closed loop wakes nobody. */
  get #unheard(): boolean {
    return this.job.loop.isClosed();
  }

  /** Asks for more when there is room for it. */
  pull(): void {
    if (this.state === "new") this.state = "open";
    if (this.state !== "open" || this.#credit + this.#items.qsize() > AHEAD / 2) return;
    const credit = AHEAD - this.#credit - this.#items.qsize();
    this.#credit += credit;
    this.#worker.tell({ pull: this.job.id, credit });
  }

  /** The consumer wants no more: the worker closes the iterator, and the process lives until it has. */
  leave(): void {
    if (this.state === "left" || this.state === "ended") return;
    this.state = "left";
    if (!this.#unheard) this.#items.shutdown(true);
    this.#worker.hold();
    this.#worker.tell({ leave: this.job.id });
    this.#owner.left(this.job, this.#worker);
  }

  /** Ends it for a consumer that may still come. */
  withdraw(kind: string): void {
    if (this.state === "left" || this.state === "ended") return;
    const message = `Cannot give the next item of ${this.job.name}(): the ${kind} pool has been shut down`;
    this.#thrown = { error: new RuntimeError(message) };
    this.leave();
  }

  /** While a consumer waits, the worker holds the process. */
  *next(): Generator<any, IteratorResult<T, undefined>, any> {
    this.pull();
    const waits = this.state === "open" && this.#items.empty();
    if (waits) this.#worker.hold();
    try {
      const step: IteratorResult<T, undefined> = yield this.arrivals.next();
      if (step.done) {
        const thrown = this.#thrown;
        this.#thrown = null;
        if (thrown !== null) throw thrown.error;
      }
      return step;
    } finally {
      if (waits) this.#worker.release();
    }
  }

  *close(): Generator<any, IteratorResult<T, undefined>, any> {
    this.leave();
    yield this.over.wait();
    const thrown = this.#thrownAtClose;
    this.#thrownAtClose = null;
    if (thrown !== null) throw thrown.error;
    return { done: true, value: undefined };
  }
}

/** Streams that nobody can iterate any more. */
const forgotten = new FinalizationRegistry<StreamReceiver>((receiver) => receiver.leave());

/**
 * An async iterable that a job returned, as it arrives here: items are sent as they are taken, 16 ahead at most.
 *
 * It occupies its worker until it has been iterated to its end, left (`break`, `return()`, `await using`) or is
 * collected as garbage; one that nobody iterates does not keep the process alive, and ends when the pool is shut down.
 */
export class RemoteStream<T = any> implements AsyncIterableIterator<T, undefined>, AsyncDisposable {
  readonly #receiver: StreamReceiver<T>;

  /** @internal */
  constructor(receiver: StreamReceiver<T>) {
    this.#receiver = receiver;
    forgotten.register(this, receiver);
  }

  /**
   * The next item. Several consumers may take items; each item goes to one of them, in the order in which they asked.
   *
   * **When cancelled**: no item is lost.
   *
   * @throws what the iterator in the worker threw; `BrokenWorkerError` when its worker has ended.
   */
  next(): Coroutine<IteratorResult<T, undefined>> {
    return taking(this, this.#receiver) as Coroutine<IteratorResult<T, undefined>>;
  }

  /**
   * Leaves the stream: the iterator in the worker is closed. It is over when that is done, at the latest after the
   * executor's `cancelGrace`, when the worker is ended.
   *
   * @throws what the iterator threw while it was closed.
   */
  return(): Coroutine<IteratorResult<T, undefined>> {
    return leaving(this, this.#receiver) as Coroutine<IteratorResult<T, undefined>>;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** As `return()`. */
  [Symbol.asyncDispose](): Awaitable<void> & PromiseLike<void> {
    return this.return() as Coroutine<unknown> as Coroutine<void>;
  }
}

// They hold the stream, or it could be collected while somebody waits in them.
const taking = coroutine(function* next(_stream: RemoteStream, receiver: StreamReceiver): Generator<any, any, any> {
  return yield* receiver.next();
});

const leaving = coroutine(function* leave(_stream: RemoteStream, receiver: StreamReceiver): Generator<any, any, any> {
  return yield* receiver.close();
});
