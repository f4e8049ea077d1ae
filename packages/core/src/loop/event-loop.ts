import type { Awaitable, Coroutine } from "../coroutine/coroutine.ts";
import type { Future } from "../task/future.ts";
import type { Task, TaskOptions } from "../task/task.ts";
import type { Host } from "./host.ts";
import { type Duration, milliseconds } from "../duration.ts";
import { KeyboardInterrupt, RuntimeError } from "../errors.ts";
import { type Context, inheritedContext } from "./context.ts";
import { countDebugged, creationStack, debugWanted } from "./creation-stack.ts";
import {
  type ExceptionContext,
  type ExceptionHandler,
  defaultExceptionHandler,
  reportException,
} from "./exceptions.ts";
import { exec } from "./execution.ts";
import { Handle, TimerHandle, callbackName } from "./handle.ts";
import { platformHost } from "./host.ts";
import { type Observer, Observers } from "./observer.ts";
import { lent } from "./lent.ts";
import { Turns, closedError } from "./turns.ts";

/** What runs functions elsewhere: threads, processes, other machines. */
export interface Executor {
  submit<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Awaitable<Awaited<R>>;
  shutdown?(options?: { readonly wait?: boolean }): Awaitable<void> | void;
}

let makeDefaultExecutor: (() => Executor) | null = null;

/** Has each loop make its default executor by `make`, when it first needs one and was given none; null: not at all. @tsyncio/node calls it. */
export function provideDefaultExecutor(make: (() => Executor) | null): void {
  makeDefaultExecutor = make;
}

/** @internal Ends an executor for which nobody waits any more. Its shutdown may be a coroutine: that begins when it is awaited. */
export function dropExecutor(executor: Executor): void {
  const ended = new Promise((resolve) => resolve(executor.shutdown?.({ wait: false })));
  ended.catch((error: unknown) => console.error("tsyncio: the shutdown of an executor failed", error));
}

/** What is open on a loop and holds something of the host: a socket, a server, a child process. */
export interface LoopResource {
  /** The loop is closed: nothing of it runs any more, so what is held is to be let go of at once. */
  loopClosed(): void;
}

/** @internal Of tasks that are made without options. */
export const NO_OPTIONS: TaskOptions = Object.freeze({});

/** Makes the tasks of a loop: see `EventLoop.setTaskFactory`. */
export type TaskFactory = <T>(loop: EventLoop, co: Coroutine<T>, options: TaskOptions) => Task<T>;

/**
 * The conductor: it holds the ready callbacks, the timers and the tasks, and runs them in turns.
 *
 * One iteration runs exactly the callbacks that were ready when it began, first in first out; then due timers join.
 * Several iterations share one turn of the host, up to a budget of 2 ms.
 *
 * @see https://docs.python.org/3.13/library/asyncio-eventloop.html
 */
export class EventLoop extends Turns {
  /** @internal */ protected readonly self: EventLoop = this;
  /** @internal The options of a task of this loop without any of its own: one object for all. */
  readonly plain: { readonly loop: EventLoop } = { loop: this };
  /** What is open on this loop, entered and taken out by the library that made it. Closing the loop lets go of the rest. */
  readonly resources: Set<LoopResource> = new Set();
  /** @internal Started async generators that nobody has closed. */
  readonly asyncgens: Set<{ aclose(): Coroutine<void> }> = new Set();
  /** @internal */ asyncgensShutDown = false;
  #exceptionHandler: ExceptionHandler | null = null;
  #taskFactory: TaskFactory | null = null;
  #executor: Executor | null = null;
  #executorShutDown = false;

  /** @internal Use `newEventLoop()`. */
  constructor(options?: { readonly host?: Host }) {
    super(options?.host ?? platformHost());
    for (const method of ["now", "schedule", "setTimer", "hold"] as const)
      if (typeof this.host[method] !== "function")
        throw new TypeError(`Cannot create EventLoop: its host has no ${method}()`);
    this.setDebug(debugWanted());
  }

  /** Milliseconds on the loop's monotonic clock. */
  time(): number {
    return this.host.now();
  }

  /** Runs `callback` in the next iteration. */
  callSoon<A extends unknown[]>(callback: (...args: A) => unknown, ...args: A): Handle {
    return this.#soonIn(inheritedContext(), "callSoon", callback, args);
  }

  /** `callSoon` in a given context: what the callback sets stays in it. */
  callSoonIn<A extends unknown[]>(context: Context, callback: (...args: A) => unknown, ...args: A): Handle {
    return this.#soonIn(context, "callSoonIn", callback, args);
  }

  /** As `callSoon`; for callbacks of the host, which come between the turns. */
  callSoonThreadsafe<A extends unknown[]>(callback: (...args: A) => unknown, ...args: A): Handle {
    return this.#soonIn(inheritedContext(), "callSoonThreadsafe", callback, args);
  }

  #soonIn(
    context: Context | undefined,
    method: string,
    callback: (...args: any[]) => unknown,
    args: unknown[],
  ): Handle {
    this.#checkOpen();
    checkCallback(callback, method);
    const handle = new Handle(this, callback, args, context);
    if (this.debug) handle.source = creationStack();
    this.soon(handle);
    return handle;
  }

  /** Runs `callback` after `delay`. A delay of zero or less: in the next iteration, after what is ready by then. */
  callLater<A extends unknown[]>(delay: Duration, callback: (...args: A) => unknown, ...args: A): TimerHandle {
    const ms = milliseconds(delay);
    return this.callAt(this.time() + ms, callback, ...args);
  }

  /** Runs `callback` at `when`, in `loop.time()` milliseconds. Equal deadlines run in the order of the calls. */
  callAt<A extends unknown[]>(when: number, callback: (...args: A) => unknown, ...args: A): TimerHandle {
    if (typeof when !== "number" || when !== when)
      throw new TypeError(`Cannot call at ${String(when)}: when must be loop.time() milliseconds`);
    this.#checkOpen();
    checkCallback(callback, "callAt");
    const handle = new TimerHandle(this, when, callback, args, inheritedContext());
    if (this.debug) handle.source = creationStack();
    this.addTimer(when, handle);
    return handle;
  }

  /** A pending future of this loop. */
  createFuture<T>(): Future<T> {
    return lent.future<T>(this);
  }

  /**
   * Schedules a coroutine as a task.
   *
   * @throws {RuntimeError} when the loop is closed.
   * @throws {TypeError} for what is no coroutine.
   */
  createTask<T>(co: Awaitable<T>, options: TaskOptions = NO_OPTIONS): Task<T> {
    this.#checkOpen();
    const factory = this.#taskFactory;
    if (factory === null) return lent.task(this, co as Coroutine<T>, options);
    const task = factory(this, co as Coroutine<T>, options);
    if (options.name !== undefined) task.setName(options.name);
    return task;
  }

  /** `factory` makes the tasks from now on; null: the default. */
  setTaskFactory(factory: TaskFactory | null): void {
    checkSetting(factory, "task factory");
    this.#taskFactory = factory;
  }

  /** What `setTaskFactory` was given last. */
  getTaskFactory(): TaskFactory | null {
    return this.#taskFactory;
  }

  /**
   * Runs until `aw` is done and gives its result.
   * Rejects with `RuntimeError` when the loop is stopped before that.
   */
  async runUntilComplete<T>(aw: Awaitable<T>): Promise<T> {
    this.#checkOpen();
    if (this.isRunning()) throw new RuntimeError("Cannot run the event loop: it is running already");
    const future = lent.ensureFuture(aw, this);
    const done = (): void => {
      // Such an error has ended the run already: the stop would hit the next one.
      if (!(future.value instanceof KeyboardInterrupt)) this.stop();
    };
    future.addDoneCallback(done);
    try {
      await this.runForever();
    } catch (error) {
      // What is thrown here is not to be reported as unread too; and of a coroutine nobody else has the task.
      if (future !== aw || future.value === error) future.markRead();
      throw error;
    } finally {
      future.removeDoneCallback(done);
    }
    if (!future.done())
      throw new RuntimeError("Cannot give the result: the event loop was stopped before the future was done");
    return future.result();
  }

  /** Whether it was closed, for good. */
  isClosed(): boolean {
    return this.closed;
  }

  /**
   * Drops everything that is scheduled, for good. Closing twice does nothing.
   *
   * @throws {RuntimeError} when the loop is running.
   */
  close(): void {
    if (this.isRunning()) throw new RuntimeError("Cannot close the event loop: it is running; stop it first");
    if (this.closed) return;
    this.closed = true;
    if (this.debug) countDebugged(-1);
    this.ready.clear();
    this.timers.clear();
    this.disarm();
    const executor = this.takeDefaultExecutor();
    if (executor !== null) dropExecutor(executor);
    this.idle = true;
    const left = [...this.resources];
    this.resources.clear();
    for (const resource of left) letGo(resource);
  }

  /** The handler hears of errors that nobody else can: in callbacks, in tasks whose result nobody reads. Null: the default. */
  setExceptionHandler(handler: ExceptionHandler | null): void {
    checkSetting(handler, "exception handler");
    this.#exceptionHandler = handler;
  }

  /** What `setExceptionHandler` was given last. */
  getExceptionHandler(): ExceptionHandler | null {
    return this.#exceptionHandler;
  }

  /** Prints what happened to the console. */
  defaultExceptionHandler(context: ExceptionContext): void {
    defaultExceptionHandler(context);
  }

  /** Tells the exception handler; `context.message` says what happened. */
  callExceptionHandler(context: ExceptionContext): void {
    reportException(this, this.#exceptionHandler, context);
  }

  /**
   * Has an observer hear of the tasks of this loop: of steps from the next iteration on. Adding it twice is once.
   *
   * @example
   * ```ts
   * import { type Observer, createTask, getRunningLoop, run, sleep } from "tsyncio";
   * async function main() {
   *   const observer: Observer = { taskDone: (task) => console.log(task.getName(), "is done") };
   *   getRunningLoop().addObserver(observer);
   *   await createTask(sleep(1), { name: "nap" });
   *   getRunningLoop().removeObserver(observer);
   * }
   * await run(main()); // → nap is done
   * ```
   */
  addObserver(observer: Observer): void {
    if (typeof observer !== "object" || observer === null)
      throw new TypeError(`Cannot add observer: expected an object, received ${String(observer)}`);
    if (this.observing?.has(observer)) return;
    this.observing = this.observing?.with(observer) ?? new Observers(this, [observer]);
  }

  /** The observer hears of nothing any more. False when it was not there. */
  removeObserver(observer: Observer): boolean {
    const there = this.observing?.has(observer) === true;
    if (there) this.observing = this.observing!.without(observer);
    return there;
  }

  /** Whether debug mode is on. */
  getDebug(): boolean {
    return this.debug;
  }

  /** Debug mode: creation stacks, slow callbacks, swallowed cancellations, coroutines that were never awaited. */
  setDebug(debug: boolean): void {
    const before = this.debug;
    this.debug = Boolean(debug);
    if (this.debug !== before && !this.closed) countDebugged(before ? -1 : 1);
  }

  /** Runs a function in an executor; null is the default one, which `setDefaultExecutor` or `@tsyncio/node` provides. */
  runInExecutor<A extends unknown[], R>(
    executor: Executor | null,
    fn: (...args: A) => R,
    ...args: A
  ): Future<Awaited<R>> {
    this.#checkOpen();
    if (typeof fn !== "function")
      throw new TypeError(`Cannot runInExecutor(): expected a function, received ${String(fn)}`);
    const chosen = executor ?? this.#defaultExecutor();
    // What it gives belongs to this loop, also when this loop does not run yet.
    const outer = exec.loop;
    exec.loop = this;
    try {
      return lent.ensureFuture(chosen.submit(fn, ...args), this);
    } finally {
      exec.loop = outer;
    }
  }

  /** What `runInExecutor(null, …)` uses. */
  setDefaultExecutor(executor: Executor): void {
    if (typeof executor?.submit !== "function") throw new TypeError("Cannot set default executor: it has no submit()");
    this.#executor = executor;
  }

  #defaultExecutor(): Executor {
    if (this.#executorShutDown) throw new RuntimeError("Cannot run in the default executor: it has been shut down");
    this.#executor ??= makeDefaultExecutor?.() ?? null;
    if (this.#executor === null)
      throw new RuntimeError(
        "Cannot run in the default executor: there is none; call loop.setDefaultExecutor() or import @tsyncio/node",
      );
    return this.#executor;
  }

  /**
   * Closes every async generator that was iterated by hand and not to its end. Their errors go to the exception
   * handler. `run` does it at the end.
   */
  shutdownAsyncgens(): Coroutine<void> {
    this.asyncgensShutDown = true;
    return lent.shutdownAsyncgens(this);
  }

  /** Waits until the default executor has ended its work, for `timeout` at most (null: for ever). `run` does it at the end. */
  shutdownDefaultExecutor(timeout: Duration | null = null): Coroutine<void> {
    return lent.shutdownDefaultExecutor(this, timeout === null ? null : milliseconds(timeout));
  }

  /** @internal The default executor, given up: the caller waits for its end. */
  takeDefaultExecutor(): Executor | null {
    this.#executorShutDown = true;
    const executor = this.#executor;
    this.#executor = null;
    return executor;
  }

  override toString(): string {
    return `<EventLoop running=${this.isRunning()} closed=${this.closed} debug=${this.debug}>`;
  }

  #checkOpen(): void {
    if (this.closed) throw closedError();
  }
}

function letGo(resource: LoopResource): void {
  try {
    resource.loopClosed();
  } catch (error) {
    console.error("tsyncio: a resource of a closed loop failed to let go", error);
  }
}

function checkCallback(callback: unknown, method: string): void {
  if (lent.isCoroutineFunction(callback)) {
    throw new TypeError(
      `Cannot ${method}(): ${callbackName(callback)} is a coroutine function, which a plain call never starts; pass spawning(fn) or call createTask()`,
    );
  }
  if (typeof callback !== "function")
    throw new TypeError(`Cannot ${method}(): expected a function, received ${String(callback)}`);
}

function checkSetting(setting: unknown, what: string): void {
  if (setting !== null && typeof setting !== "function")
    throw new TypeError(`Cannot set ${what}: expected a function or null, received ${String(setting)}`);
}
