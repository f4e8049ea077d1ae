import { type Duration, milliseconds } from "../duration.ts";
import type { TimerHandle } from "../loop/handle.ts";
import { type Coroutine, isCoroutine } from "../coroutine/coroutine.ts";
import { SUSPEND } from "../coroutine/protocol.ts";
import { OVER, PARKED, Wait } from "../coroutine/wait.ts";
import { FAILED, type Future, type Listener, OUTCOME, isFuture } from "../task/future.ts";
import type { Task } from "../task/task.ts";

/** What `wait` waits for. An error is not a cancellation; when none comes, FIRST_EXCEPTION waits for all. */
export type ReturnWhen = "ALL_COMPLETED" | "FIRST_COMPLETED" | "FIRST_EXCEPTION";

/** Options of `wait`. */
export interface WaitOptions {
  /** How long to wait at most; what is not done by then is pending. Default: without limit. */
  readonly timeout?: Duration | null;
  /** Default: "ALL_COMPLETED". */
  readonly returnWhen?: ReturnWhen;
}

const CONDITIONS: readonly ReturnWhen[] = ["ALL_COMPLETED", "FIRST_COMPLETED", "FIRST_EXCEPTION"];

class CompletionWait extends Wait<unknown> implements Listener {
  readonly #futures: ReadonlySet<Future<any>>;
  readonly #timeout: number | null;
  readonly #returnWhen: ReturnWhen;
  #left: number;
  #timer: TimerHandle | null = null;

  constructor(futures: ReadonlySet<Future<any>>, timeout: number | null, returnWhen: ReturnWhen) {
    super();
    this.#futures = futures;
    this.#timeout = timeout;
    this.#returnWhen = returnWhen;
    this.#left = futures.size;
  }

  get name(): string {
    return "wait";
  }

  /** For call graphs: who waits. */
  get completes(): Task<any> | undefined {
    return this.task ?? undefined;
  }

  enter(): typeof SUSPEND {
    this.begin();
    this.park();
    if (this.#timeout !== null) this.#timer = this.task!.loop.callLater(this.#timeout, () => this.fire());
    for (const future of this.#futures) future.listen(this);
    return SUSPEND;
  }

  notify(future: Future<any>): void {
    if (--this.#left <= 0 || this.#isEnough(future)) this.task!.loop.soon(this);
  }

  #isEnough(future: Future<any>): boolean {
    if (this.#returnWhen !== "FIRST_EXCEPTION") return this.#returnWhen === "FIRST_COMPLETED";
    if ((future.state & OUTCOME) !== FAILED) return false;
    future.markRead();
    return true;
  }

  /** Enough are done, or the time is up. */
  fire(): void {
    if (this.phase === PARKED) this.wake();
  }

  resume(): [Set<Future<any>>, Set<Future<any>>] {
    this.interrupted();
    const done = new Set<Future<any>>();
    const pending = new Set<Future<any>>();
    for (const future of this.#futures) (future.done() ? done : pending).add(future);
    return [done, pending];
  }

  override interrupted(): void {
    this.phase = OVER;
    this.#timer?.cancel();
    const own = (listener: Listener): boolean => listener === this;
    for (const future of this.#futures) future.unlisten(own);
  }
}

/**
 * Waits until futures or tasks are done, and gives those that are and those that are not. Does not throw what they
 * throw, and does not cancel any of them.
 *
 * Both sets are in the order of `futures`. Waiting takes two iterations also when all are done already.
 *
 * **When cancelled**: the futures go on.
 *
 * @throws {TypeError} at the call for a single awaitable, and for coroutines: make tasks of them first.
 * @throws {RangeError} at the call when there is nothing to wait for, or `returnWhen` is unknown.
 * @example
 * ```ts
 * import { createTask, run, sleep, wait } from "tsyncio";
 * async function main() {
 *   const tasks = [createTask(sleep(1, "quick")), createTask(sleep("1h", "slow"))];
 *   const [done, pending] = await wait(tasks, { returnWhen: "FIRST_COMPLETED" });
 *   for (const task of done) console.log(task.result());
 *   for (const task of pending) task.cancel();
 * }
 * await run(main()); // → quick
 * ```
 * @see https://docs.python.org/3.13/library/asyncio-task.html#asyncio.wait
 */
export function wait<F extends Future<any>>(
  futures: Iterable<F>,
  options: WaitOptions = {},
): Coroutine<[done: Set<F>, pending: Set<F>]> {
  const given: unknown = futures;
  if (isFuture(given) || isCoroutine(given))
    throw new TypeError(`Cannot wait for ${String(given)}: expected an iterable of futures; write wait([task])`);
  if (typeof given !== "object" || given === null || !(Symbol.iterator in given))
    throw new TypeError(`Cannot wait for ${String(given)}: expected an iterable of futures`);
  const { returnWhen = "ALL_COMPLETED" } = options;
  const timeout = options.timeout === undefined || options.timeout === null ? null : milliseconds(options.timeout);
  const set = new Set(futures);
  if (set.size === 0) throw new RangeError("Cannot wait: there are no tasks or futures to wait for");
  if (!CONDITIONS.includes(returnWhen))
    throw new RangeError(
      `Cannot wait: returnWhen must be one of ${CONDITIONS.join(", ")}, received ${String(returnWhen)}`,
    );
  for (const one of set as Set<unknown>) {
    if (isFuture(one)) continue;
    throw new TypeError(
      isCoroutine(one)
        ? `Cannot wait for coroutine "${one.name}": pass tasks; write createTask(${one.name}(...))`
        : `Cannot wait for ${String(one)}: it is no future`,
    );
  }
  return new CompletionWait(set, timeout, returnWhen) as Coroutine<any>;
}
