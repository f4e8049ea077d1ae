import { type Duration, milliseconds } from "../duration.ts";
import { KeyboardInterrupt } from "../errors.ts";
import { ExceptionGroup } from "../exception-group.ts";
import { type Context, inheritedContext } from "../loop/context.ts";
import { exec } from "../loop/execution.ts";
import type { TimerHandle } from "../loop/handle.ts";
import { getRunningLoop } from "../loop/running.ts";
import { type Awaitable, type Coroutine, isCoroutine } from "../coroutine/coroutine.ts";
import { GeneratorCoroutine, enter } from "../coroutine/generator-coroutine.ts";
import { NOTHING, SUSPEND } from "../coroutine/protocol.ts";
import { CANCELLED, OVER, PARKED, Wait } from "../coroutine/wait.ts";
import { isAwaitable } from "../task/create-task.ts";
import { DONE, type Future, type Listener, OUTCOME } from "../task/future.ts";
import type { Task } from "../task/task.ts";
import type { ResultOf } from "./gather.ts";

/** Options of `staggeredRace`. */
export interface StaggeredRaceOptions {
  /** How long after a start the next one is made, unless that one fails first. null: only when it fails. */
  readonly delay: Duration | null;
}

/** How a race was won. */
export interface RaceWinner<T> {
  /** What the winner gave. */
  readonly value: T;
  /** The place of the winner among the starts. */
  readonly index: number;
  /**
   * One entry for each start that was made, in their order: what it threw, the `CancelledError` of one that was beaten,
   * or null when it threw nothing, as the winner.
   */
  readonly errors: readonly unknown[];
}

type Start<T> = () => Awaitable<T>;

function* starting<T>(start: Start<T>): Generator<undefined, T, any> {
  const $ = enter(start());
  return $ === SUSPEND ? yield : $;
}

/** A race, and the wait for its end: until no start is running, and no more are made. */
class Race<T> extends Wait<RaceWinner<T>> implements Listener {
  /** Nobody else holds the value: when it is there, a cancellation strikes at the next wait. */
  readonly keepsOutcome = true;
  readonly #starts: Iterable<Start<T>>;
  readonly #delay: number;
  /** Null when no more starts are made. */
  #iterator: Iterator<Start<T>> | null = null;
  #context: Context | undefined = undefined;
  /** The starts that have not ended, and their places. */
  readonly #running = new Map<Future<T>, number>();
  readonly #errors: unknown[] = [];
  #last: Future<T> | null = null;
  #timer: TimerHandle | null = null;
  /** Won, cancelled, or at fault: all that is left is to wait for those that were cancelled. */
  #decided = false;
  #winner: { readonly value: T; readonly index: number } | null = null;
  /** What ends the race and is no failure of a start. */
  #fault: { readonly error: unknown } | null = null;
  #cancelled: { readonly message: unknown } | null = null;

  constructor(starts: Iterable<Start<T>>, delay: number) {
    super();
    this.#starts = starts;
    this.#delay = delay;
  }

  get name(): string {
    return "staggeredRace";
  }

  /** For call graphs: who waits. */
  get completes(): Task<any> | undefined {
    return this.task ?? undefined;
  }

  enter(): unknown {
    this.begin();
    this.#context = inheritedContext();
    this.#iterator = this.#starts[Symbol.iterator]();
    this.#startNext();
    return this.#over ? this.resume() : this.park();
  }

  #startNext(): void {
    let task: Task<T>;
    try {
      const step = (this.#iterator as Iterator<Start<T>>).next();
      if (step.done === true) {
        this.#iterator = null;
        return;
      }
      const start = checked(step.value);
      task = getRunningLoop().createTask(new GeneratorCoroutine<T>(starting(start), start, NOTHING));
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#last = task;
    this.#running.set(task, this.#errors.push(null) - 1);
    task.listen(this);
    if (this.#delay !== Infinity && !task.done()) this.#timer = task.loop.callLater(this.#delay, () => this.fire());
  }

  /** A start has ended. */
  notify(task: Future<T>): void {
    const index = this.#running.get(task) as number;
    this.#running.delete(task);
    if ((task.state & OUTCOME) === DONE) {
      this.#winner ??= { value: task.value as T, index };
      this.#decide(undefined);
    } else {
      const error = (this.#errors[index] = task.failure());
      if (error instanceof KeyboardInterrupt) this.#fail(error);
      else if (task === this.#last) {
        this.#timer?.cancel();
        task.loop.soon(this);
      }
    }
    this.#wakeIfOver();
  }

  /** The delay is over, or the last start has failed. */
  fire(): void {
    if (this.#iterator === null) return;
    exec.context = this.#context;
    this.#startNext();
    this.#wakeIfOver();
  }

  #fail(error: unknown): void {
    this.#fault ??= { error };
    this.#decide(undefined);
  }

  /** Makes no more starts, and cancels those that are running. */
  #decide(message: unknown): void {
    if (this.#decided) return;
    this.#decided = true;
    this.#timer?.cancel();
    for (const task of this.#running.keys()) task.cancel(message);
    const iterator = this.#iterator;
    this.#iterator = null;
    try {
      iterator?.return?.();
    } catch (error) {
      this.#fault ??= { error };
    }
  }

  get #over(): boolean {
    return this.#iterator === null && this.#running.size === 0;
  }

  #wakeIfOver(): void {
    if (!this.#over || this.phase !== PARKED) return;
    const task = this.task as Task<any>;
    if (this.#cancelled !== null) {
      const { message } = this.#cancelled;
      if (this.#winner === null && this.#fault === null) {
        this.phase = CANCELLED;
        return task.wakeCancelled(message);
      }
      task.keepCancelled(message);
    }
    this.wake();
  }

  resume(): RaceWinner<T> {
    this.phase = OVER;
    if (this.#fault !== null) throw this.#fault.error;
    const errors = this.#errors;
    if (this.#winner !== null) return { ...this.#winner, errors };
    if (errors.length === 0) throw new RangeError("Cannot race: there are no starts");
    throw new ExceptionGroup("no start of staggeredRace succeeded", errors);
  }

  /** The wait is given up when every start has ended. */
  override abandon(message: unknown): boolean {
    if (this.phase !== PARKED) return false;
    this.#cancelled ??= { message };
    this.#decide(message);
    this.#wakeIfOver();
    return true;
  }

  override interrupted(): void {
    this.phase = OVER;
  }
}

function checked<T>(start: Start<T>): Start<T> {
  if (typeof start === "function") return start;
  const given: unknown = start;
  throw new TypeError(
    isCoroutine(given)
      ? `Cannot start coroutine "${given.name}": pass a function that calls it: () => ${given.name}(...)`
      : `Cannot start ${String(given)}: expected a coroutine function`,
  );
}

/**
 * Starts coroutine functions one after another, each `delay` after the one before it or as soon as that one has failed.
 * The first that gives a value wins; the others are cancelled, and the race ends when they have ended. It is how one
 * connects to the quickest of several addresses (happy eyeballs), or asks a second server when the first is slow
 * (hedged requests).
 *
 * Each start is a task of its own, begun in the order of `starts`, which is read one at a time: a generator learns what
 * is needed next, and is left by `return()` when somebody has won. A start that gives a value after it was beaten has
 * lost it: what holds something must let it go when it is cancelled.
 *
 * When all have failed, their errors are thrown together, as by `Promise.any`: a race without a winner has no value to
 * give. (asyncio, where this is internal, gives None for it.)
 *
 * **When cancelled**: the starts are cancelled and waited for, then the `CancelledError` is thrown. A value that is
 * there by then is not lost: it is given, and the cancellation strikes at the next wait.
 *
 * @throws {ExceptionGroup} when every start has failed, with their errors in the order of the starts.
 * @throws {RangeError} when there are no starts.
 * @throws {TypeError} for what is no function; at the call for what cannot be iterated.
 * @throws {KeyboardInterrupt} by itself, when a start throws it; and what the iterable throws.
 * @example
 * ```ts
 * import { run, sleep, staggeredRace } from "tsyncio";
 * async function ask(server: string, takes: number) {
 *   await sleep(takes);
 *   return server;
 * }
 * async function main() {
 *   const { value, index } = await staggeredRace([() => ask("far", 1000), () => ask("near", 5)], { delay: 20 });
 *   console.log(value, index);
 * }
 * await run(main()); // → near 1
 * ```
 * @see https://www.rfc-editor.org/rfc/rfc8305
 * @see https://github.com/python/cpython/blob/3.13/Lib/asyncio/staggered.py
 */
export function staggeredRace<S extends () => Awaitable<any>>(
  starts: Iterable<S>,
  options: StaggeredRaceOptions,
): Coroutine<RaceWinner<ResultOf<ReturnType<S>>>> {
  const given: unknown = starts;
  if (isAwaitable(given) || typeof given !== "object" || given === null || !(Symbol.iterator in given)) {
    throw new TypeError(
      `Cannot race ${String(given)}: expected an iterable of coroutine functions; write staggeredRace([() => fetchData()], { delay })`,
    );
  }
  const { delay } = options;
  return new Race<any>(starts, delay === null ? Infinity : milliseconds(delay));
}
