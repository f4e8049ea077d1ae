import { type Duration, milliseconds } from "../duration.ts";
import { TimeoutError } from "../errors.ts";
import { type Context, inheritedContext } from "../loop/context.ts";
import type { EventLoop } from "../loop/event-loop.ts";
import { exec } from "../loop/execution.ts";
import type { TimerHandle } from "../loop/handle.ts";
import { getRunningLoop } from "../loop/running.ts";
import { type Awaitable, type Coroutine, isCoroutine } from "../coroutine/coroutine.ts";
import { SUSPEND } from "../coroutine/protocol.ts";
import { WaitInLine, WaitList } from "../coroutine/wait-list.ts";
import { OVER, PARKED, WOKEN } from "../coroutine/wait.ts";
import { ensureFuture, isAwaitable } from "../task/create-task.ts";
import { FAILED, Future, type Listener, isFuture } from "../task/future.ts";
import { isGiveWay } from "../task/sleep.ts";
import type { Task } from "../task/task.ts";
import type { ResultOf } from "./gather.ts";

/** Options of `asCompleted`. */
export interface AsCompletedOptions {
  /** How long to wait for all of them at most. Default: without limit. */
  readonly timeout?: Duration | null;
  /** How many coroutines run at a time, at most. Default: all of them. */
  readonly limit?: number;
}

/** The future that was given, or the task that a coroutine was made. */
export type CompletedOf<A> = A extends Future<any> ? A : Task<ResultOf<A>>;

/** What `for await` iterates. Not an AsyncIterator for TypeScript: of that, it would take the items for awaited. */
export interface Completions<A> {
  next(): PromiseLike<IteratorResult<CompletedOf<A>, undefined>>;
}

/** Waits for the next one that is done. */
class NextCompleted extends WaitInLine<unknown> {
  readonly owner: AsCompleted<any>;
  /** What is given: its result, or itself as the item of an iterator. */
  readonly resolves: boolean;

  constructor(owner: AsCompleted<any>, resolves: boolean) {
    super();
    this.owner = owner;
    this.resolves = resolves;
  }

  get name(): string {
    return "asCompleted";
  }

  enter(): unknown {
    this.begin();
    return this.resume();
  }

  resume(): unknown {
    const { owner } = this;
    if (owner.completed.length === 0) {
      this.park();
      owner.waiters.add(this);
      return SUSPEND;
    }
    this.phase = OVER;
    const future = owner.completed.shift();
    if (future === null || future === undefined) throw new TimeoutError();
    return this.resolves ? future.result() : { done: false, value: future };
  }

  override abandon(message: unknown): boolean {
    if (this.phase === PARKED) this.owner.waiters.remove(this);
    return super.abandon(message);
  }

  override interrupted(): void {
    if (this.phase === WOKEN && this.owner.completed.length > 0) this.owner.wakeNext();
    this.phase = OVER;
  }
}

/** Awaitables in the order in which they are done; `asCompleted()` makes it. */
export class AsCompleted<A> implements Iterable<Coroutine<ResultOf<A>>>, Listener {
  /** @internal Done and not handed out; null stands for one that was not done in time. */
  readonly completed: (Future<any> | null)[] = [];
  /** @internal */ readonly waiters: WaitList = new WaitList();
  readonly #loop: EventLoop;
  /** What coroutines that start later inherit. */
  readonly #context: Context | undefined = inheritedContext();
  /** Done, on their way through the ready queue. */
  readonly #arriving: Future<any>[] = [];
  readonly #running = new Set<Future<any>>();
  /** Coroutines that have no place yet. */
  #unstarted: Awaitable<any>[] = [];
  #timer: TimerHandle | null = null;
  /** How many are not handed out. */
  #left: number;

  /** @internal Use `asCompleted()`. */
  constructor(aws: readonly Awaitable<any>[], timeout: number | null, limit: number) {
    this.#loop = getRunningLoop();
    this.#left = aws.length;
    const futures: Future<any>[] = [];
    for (const aw of aws) {
      if (isFuture(aw)) futures.push(aw);
      else if (limit-- > 0 || !isAwaitable(aw)) futures.push(ensureFuture(aw, { loop: this.#loop }));
      else this.#unstarted.push(aw);
    }
    // Not before the last one is there: those that start at once may be done, and have called back others meanwhile.
    for (const future of futures) this.#add(future);
    if (timeout !== null && this.#left > 0) this.#timer = this.#loop.callLater(timeout, () => this.#timeUp());
  }

  #add(future: Future<any>): void {
    this.#running.add(future);
    future.listen(this);
  }

  /** @internal */
  notify(future: Future<any>): void {
    this.#arriving.push(future);
    this.#loop.soon(this);
  }

  /** @internal One more is done. */
  fire(): void {
    const future = this.#arriving.shift() as Future<any>;
    // False when the time was up first.
    if (!this.#running.delete(future)) return;
    this.#complete(future);
    const next = this.#unstarted.shift();
    if (next !== undefined) {
      exec.context = this.#context;
      this.#add(this.#started(next));
    } else if (this.#running.size === 0) this.#timer?.cancel();
  }

  /** A coroutine that cannot be started any more fails in its turn. */
  #started(aw: Awaitable<any>): Future<any> {
    try {
      return ensureFuture(aw, { loop: this.#loop });
    } catch (error) {
      const failed = new Future<never>({ loop: this.#loop });
      failed.settle(FAILED, error);
      return failed;
    }
  }

  #complete(future: Future<any> | null): void {
    this.completed.push(future);
    this.wakeNext();
  }

  /** @internal */
  wakeNext(): void {
    const { first } = this.waiters;
    if (first === null) return;
    this.waiters.remove(first);
    first.wake();
  }

  #timeUp(): void {
    const running = [...this.#running];
    const unstarted = this.#unstarted;
    this.#running.clear();
    this.#unstarted = [];
    for (const future of running) future.unlisten((listener) => listener === this);
    for (const aw of unstarted) if (isCoroutine(aw)) aw.close();
    for (let n = running.length + unstarted.length; n > 0; n--) this.#complete(null);
  }

  /** Plain iteration: as many coroutines as there are awaitables; each gives the next result to come, or throws it. */
  [Symbol.iterator](): Iterator<Coroutine<ResultOf<A>>, undefined> {
    return {
      next: () =>
        this.#left-- > 0
          ? { done: false, value: new NextCompleted(this, true) as Coroutine<ResultOf<A>> }
          : this.#end(),
    };
  }

  /** `for await`: the futures and tasks themselves, each when it is done. */
  [Symbol.asyncIterator](): Completions<A> {
    return {
      next: () =>
        (this.#left-- > 0 ? new NextCompleted(this, false) : this.#end()) as unknown as PromiseLike<
          IteratorResult<CompletedOf<A>, undefined>
        >,
    };
  }

  #end(): IteratorReturnResult<undefined> {
    this.#left = 0;
    return { done: true, value: undefined };
  }
}

/**
 * Awaitables in the order in which they are done. Coroutines are scheduled at the call; an awaitable that is given
 * twice comes once.
 *
 * - `for await` gives the tasks and futures themselves, each when it is done: those that were given, and the tasks of
 *   coroutines.
 * - `for` gives as many coroutines as there are awaitables. Each, when it is awaited, gives the next result to come,
 *   whichever that is.
 *
 * After the timeout everything that was not done throws `TimeoutError` in its turn; it is not cancelled. Leaving the
 * loop cancels nothing either, and a second loop goes on where the first one was left. With `limit`, a coroutine is
 * started whenever another one has ended; at the timeout those that have not started are closed.
 *
 * **When cancelled**: what it waits for goes on; one result fewer is handed out.
 *
 * @throws {TypeError} at the call for a single awaitable and for what cannot be awaited.
 * @throws {RangeError} at the call when `limit` is not a whole number of at least 1.
 * @throws {TimeoutError} in the iteration, for each one that was not done in time.
 * @example
 * ```ts
 * import { asCompleted, run, sleep } from "tsyncio";
 * async function main() {
 *   for await (const task of asCompleted([sleep(20, "slow"), sleep(1, "quick")])) console.log(task.result());
 * }
 * await run(main()); // → quick, slow
 * ```
 * @see https://docs.python.org/3.13/library/asyncio-task.html#asyncio.as_completed
 */
export function asCompleted<A extends Awaitable<any>>(
  aws: Iterable<A>,
  options: AsCompletedOptions = {},
): AsCompleted<A> {
  const given: unknown = aws;
  if (isAwaitable(given) || typeof given !== "object" || given === null || !(Symbol.iterator in given)) {
    throw new TypeError(
      `Cannot iterate over ${String(given)} as completed: expected an iterable of awaitables; write asCompleted([task])`,
    );
  }
  const { limit = Infinity } = options;
  const timeout = options.timeout === undefined || options.timeout === null ? null : milliseconds(options.timeout);
  if (limit !== Infinity && (!Number.isInteger(limit) || limit < 1))
    throw new RangeError(`Cannot iterate as completed: limit must be an integer >= 1, received ${String(limit)}`);
  return new AsCompleted<A>(once(aws), timeout, limit);
}

function once<A>(aws: Iterable<A>): A[] {
  const seen = new Set<A>();
  return [...aws].filter((aw) => isGiveWay(aw) || (!seen.has(aw) && seen.add(aw)));
}
