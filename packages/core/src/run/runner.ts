import type { Awaitable, Coroutine } from "../coroutine/coroutine.ts";
import type { EventLoop } from "../loop/event-loop.ts";
import { CancelledError, KeyboardInterrupt, RuntimeError } from "../errors.ts";
import { isCoroutine } from "../coroutine/coroutine.ts";
import { GeneratorCoroutine, enter } from "../coroutine/generator-coroutine.ts";
import { isCoroutineFunction } from "../coroutine/marks.ts";
import { SUSPEND } from "../coroutine/protocol.ts";
import { type Context, copyContext } from "../loop/context.ts";
import { isAwaitable, newEventLoop } from "../task/create-task.ts";
import { allDone } from "../task/shut-down.ts";
import { awaitingCoroutine } from "../task/awaiting.ts";
import { FAILED, OUTCOME } from "../task/future.ts";
import type { Task } from "../task/task.ts";
import { reportUnretrieved } from "../task/unretrieved.ts";

/** Options of `run` and `Runner`. */
export interface RunOptions {
  /** Debug mode: see `EventLoop.setDebug`. Default: the environment variable TSYNCIO_DEBUG. */
  readonly debug?: boolean;
  /** Makes the loop. Default: `newEventLoop`. */
  readonly loopFactory?: () => EventLoop;
  /** Aborting it cancels the main task. */
  readonly signal?: AbortSignal;
  /** The name of the main task. */
  readonly name?: string;
  /**
   * Whether SIGINT and SIGTERM cancel the main task. Default: true, unless the program listens to them itself: before the
   * run, or on its loop, by `addSignalHandler` and `signals` of @tsyncio/node.
   */
  readonly handleSignals?: boolean;
}

/** What `run` runs: something to await, or a function that gives it (called on the loop). */
export type Main<T> = Awaitable<T> | (() => Awaitable<T>);

const EXECUTOR_GRACE = 300_000;

/**
 * Runs several mains, one after the other, on one loop and in one context.
 *
 * @example
 * ```ts
 * import { Runner, sleep } from "tsyncio";
 * await using runner = new Runner();
 * console.log(await runner.run(sleep(5, "first")), await runner.run(sleep(5, "second"))); // → first second
 * ```
 * @see https://docs.python.org/3.13/library/asyncio-runner.html#asyncio.Runner
 */
export class Runner implements AsyncDisposable {
  readonly #options: RunOptions;
  #state: "created" | "open" | "closed" = "created";
  #loop: EventLoop | null = null;
  #context: Context | null = null;

  constructor(options: RunOptions = {}) {
    this.#options = options;
  }

  /**
   * The loop, made at the first call.
   *
   * @throws {RuntimeError} when the runner is closed.
   */
  getLoop(): EventLoop {
    if (this.#state === "closed") throw new RuntimeError("Cannot use the Runner: it is closed");
    if (this.#loop === null) {
      const { debug, loopFactory } = this.#options;
      this.#loop = (loopFactory ?? newEventLoop)();
      if (debug !== undefined) this.#loop.setDebug(debug);
      this.#context = copyContext();
      this.#state = "open";
    }
    return this.#loop;
  }

  /**
   * Runs `main` as a task and gives its result. Context variables that it sets are there in the next run.
   *
   * The first SIGINT or SIGTERM cancels the main task, which may clean up; then the promise rejects with
   * `KeyboardInterrupt`. The second one ends the process at once.
   *
   * @throws {TypeError} when `main` can neither be awaited nor called.
   * @throws {DeadlockError} when main waits for what nothing left in the process can bring.
   */
  async run<T>(main: Main<T>): Promise<T> {
    const co = mainCoroutine(main);
    let loop: EventLoop;
    try {
      loop = this.getLoop();
      if (loop.isRunning()) throw new RuntimeError("Cannot run: the Runner is running already");
    } catch (error) {
      // Or it would be reported as never awaited.
      co.close();
      throw error;
    }
    const { name, signal } = this.#options;
    const task = loop.createTask<T>(co, { context: this.#context as Context, name, signal });
    const interrupts = this.#listen(loop, task);
    try {
      return await loop.runUntilComplete(task);
    } catch (error) {
      if (error instanceof CancelledError && interrupts.signal !== null && task.done() && task.uncancel() === 0) {
        throw new KeyboardInterrupt(`The program was interrupted by ${interrupts.signal}`, {
          signal: interrupts.signal,
          cause: error,
        });
      }
      throw error;
    } finally {
      interrupts.stop();
    }
  }

  #listen(loop: EventLoop, task: Task<unknown>): { signal: string | null; stop(): void } {
    const heard: { signal: string | null; stop(): void } = { signal: null, stop: () => {} };
    const { host } = loop;
    if (this.#options.handleSignals === false || host.onInterrupt === undefined) return heard;
    heard.stop = host.onInterrupt((signal) => {
      if (loop.handledSignals.has(signal)) return;
      if (heard.signal !== null || task.done()) return host.exit?.(signal);
      heard.signal = signal;
      task.cancel();
    });
    return heard;
  }

  /**
   * Ends what is left: cancels every task and waits for it, closes async generators and the default executor, reports
   * the errors that nobody has read, closes the loop. Closing twice does nothing.
   */
  async close(): Promise<void> {
    const loop = this.#loop;
    if (this.#state !== "open" || loop === null) return;
    if (loop.isRunning()) throw new RuntimeError("Cannot close the Runner: it is running");
    this.#state = "closed";
    try {
      await cancelAll(loop);
      await loop.runUntilComplete(loop.shutdownAsyncgens());
      await loop.runUntilComplete(loop.shutdownDefaultExecutor(EXECUTOR_GRACE));
      reportUnretrieved(loop);
    } finally {
      loop.close();
      this.#loop = null;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

async function cancelAll(loop: EventLoop): Promise<void> {
  const tasks = [...loop.tasks];
  if (tasks.length === 0) return;
  for (const task of tasks) task.cancel();
  await loop.runUntilComplete(allDone(loop, tasks));
  for (const task of tasks) {
    if ((task.state & OUTCOME) !== FAILED) continue;
    const exception = task.failure();
    loop.callExceptionHandler({ message: "unhandled exception during run() shutdown", exception, task });
  }
}

function mainCoroutine<T>(main: Main<T>): Coroutine<T> {
  if (isCoroutineFunction(main)) return main() as Coroutine<T>;
  if (isCoroutine(main)) return main as Coroutine<T>;
  if (isAwaitable(main)) return awaitingCoroutine<T>(main);
  if (typeof main === "function") return new GeneratorCoroutine<T>(calling(main as () => unknown), main, 1);
  throw new TypeError(`Cannot run ${String(main)}: expected a coroutine, or a function that gives one`);
}

function* calling(main: () => unknown): Generator<undefined, any, any> {
  const value = enter(main());
  return value === SUSPEND ? yield : value;
}
