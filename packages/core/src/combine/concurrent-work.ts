import { CancelledError } from "../errors.ts";
import { getRunningLoop } from "../loop/running.ts";
import { GeneratorCoroutine, enter } from "../coroutine/generator-coroutine.ts";
import { SUSPEND, THROW } from "../coroutine/protocol.ts";
import { OVER, PARKED, Wait } from "../coroutine/wait.ts";
import { ensureFuture, isAwaitable } from "../task/create-task.ts";
import { DONE, Future, type Listener, OUTCOME } from "../task/future.ts";
import { type Task } from "../task/task.ts";

export type Fn<T> = (item: T, index: number) => unknown;

/** Waits until something holds. One task at a time waits in it. */
class Until extends Wait<undefined> {
  readonly name: string;
  readonly #holds: () => boolean;

  constructor(name: string, holds: () => boolean) {
    super();
    this.name = name;
    this.#holds = holds;
  }

  enter(): unknown {
    this.begin();
    return this.#holds() ? undefined : this.park();
  }

  /** Something has changed. */
  check(): void {
    if (this.phase === PARKED && this.#holds()) this.wake();
  }

  resume(): undefined {
    this.phase = OVER;
  }
}

/**
 * The calls that `mapConcurrent` has under way, and the results that nobody has taken: together never more than the
 * limit. An async source is read by a task of its own, the feeder; any other is read when there is room.
 */
export class ConcurrentWork<T, R> implements Listener {
  failure: { readonly error: unknown } | null = null;
  readonly #source: Iterable<T> | AsyncIterable<T>;
  readonly #fn: Fn<T>;
  readonly #limit: number;
  readonly #ordered: boolean;
  #iterator: Iterator<T> | AsyncIterator<T> | null = null;
  #feeder: Task<void> | null = null;
  #index = 0;
  /** The source is in the middle of a step. */
  #stepping = false;
  /** The source has nothing more to give, or has failed: it needs no closing. */
  #exhausted = false;
  #stopped = false;
  /** Calls under way. */
  readonly #running = new Set<Future<R>>();
  /** What is taken next: in the order of the source, or in the order in which they were done. */
  readonly #line: Future<R>[] = [];
  #consumer: Until | null = null;
  #room: Until | null = null;

  constructor(source: Iterable<T> | AsyncIterable<T>, fn: Fn<T>, limit: number, ordered: boolean) {
    this.#source = source;
    this.#fn = fn;
    this.#limit = limit;
    this.#ordered = ordered;
  }

  /** Starts calls while there is room. */
  fill(): void {
    if (this.#iterator === null) this.#open();
    if (this.#feeder !== null) return this.#room?.check();
    const iterator = this.#iterator as Iterator<T>;
    while (!this.#exhausted && !this.#full()) {
      try {
        const step = iterator.next();
        if (step.done === true) this.#exhausted = true;
        else this.#call(step.value);
      } catch (error) {
        this.#exhausted = true;
        this.#fail(error);
      }
    }
  }

  #open(): void {
    const asynchronous = (this.#source as AsyncIterable<T>)[Symbol.asyncIterator];
    if (typeof asynchronous !== "function") {
      this.#iterator = (this.#source as Iterable<T>)[Symbol.iterator]();
      return;
    }
    const iterator = (this.#iterator = asynchronous.call(this.#source));
    this.#feeder = getRunningLoop().createTask(
      new GeneratorCoroutine<void>(this.#feeding(iterator), { name: "mapConcurrent" }, THROW),
    );
    this.#feeder.listen({ notify: () => this.#changed(), fire: () => {} });
  }

  *#feeding(iterator: AsyncIterator<T>): Generator<undefined, void, any> {
    try {
      while (!this.#stopped) {
        if (enter((this.#room = new Until("mapConcurrent", () => !this.#full()))) === SUSPEND) yield;
        this.#stepping = true;
        const $ = enter(iterator.next());
        const step: IteratorResult<T> = $ === SUSPEND ? yield : $;
        this.#stepping = false;
        if (step.done === true) {
          this.#exhausted = true;
          break;
        }
        this.#call(step.value);
      }
    } catch (error) {
      // A cancelled feeder leaves a source that is still to be closed.
      if (!(error instanceof CancelledError)) this.#exhausted = true;
      this.#fail(error);
    }
  }

  #full(): boolean {
    const taken = this.#ordered ? this.#line.length : this.#line.length + this.#running.size;
    return this.#stopped || this.failure !== null || taken >= this.#limit;
  }

  #call(item: T): void {
    let future: Future<R>;
    try {
      const result = this.#fn(item, this.#index++);
      if (isAwaitable(result)) future = ensureFuture(result) as Future<R>;
      else (future = new Future<R>()).settle(DONE, result);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#running.add(future);
    if (this.#ordered) this.#line.push(future);
    future.listen(this);
  }

  /** A call has ended. */
  notify(future: Future<any>): void {
    this.#running.delete(future);
    if ((future.state & OUTCOME) !== DONE) this.#fail(future.failure());
    else if (!this.#ordered && !this.#stopped) this.#line.push(future);
    this.#changed();
  }

  fire(): void {}

  #fail(error: unknown): void {
    if (this.failure !== null || this.#stopped) return;
    this.failure = { error };
    this.stop();
    this.#changed();
  }

  #changed(): void {
    this.#consumer?.check();
    this.#room?.check();
  }

  /** Whether there is a result, or there will be none any more. */
  readonly settled = (): boolean =>
    this.failure !== null ||
    this.hasResult() ||
    (this.#exhausted && this.#running.size === 0 && this.#line.length === 0);

  /** Waits until it is settled. */
  progress(): Until {
    return (this.#consumer = new Until("mapConcurrent", this.settled));
  }

  hasResult(): boolean {
    return this.#line.length > 0 && this.#line[0].done();
  }

  take(): R {
    return (this.#line.shift() as Future<R>).result();
  }

  /** Cancels what is under way and starts no more. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const future of this.#running) future.cancel();
    this.#feeder?.cancel();
  }

  get busy(): boolean {
    return this.#running.size > 0 || (this.#feeder !== null && !this.#feeder.done());
  }

  /** Waits until nothing is under way. */
  end(): Until {
    return (this.#consumer = new Until("mapConcurrent", () => !this.busy));
  }

  /**
   * What closing the source gives; to be awaited. A native generator that is in the middle of a step is told, and not waited for:
   * it may never get there.
   */
  closeSource(): unknown {
    const iterator = this.#iterator;
    if (this.#exhausted || iterator === null) return undefined;
    this.#exhausted = true;
    const closed: unknown = iterator.return?.();
    if (!this.#stepping || !(closed instanceof Promise)) return closed;
    closed.catch(() => {});
    return undefined;
  }
}
