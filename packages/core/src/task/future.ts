import type { Context } from "../loop/context.ts";
import type { EventLoop } from "../loop/event-loop.ts";
import type { Callback } from "../loop/ready-queue.ts";
import { CancelledError, InvalidStateError, KeyboardInterrupt, RuntimeError } from "../errors.ts";
import { brief } from "../loop/brief.ts";
import { inheritedContext } from "../loop/context.ts";
import { creationStack, creations, placeOf } from "../loop/creation-stack.ts";
import { exec } from "../loop/execution.ts";
import { callbackName } from "../loop/handle.ts";
import { getRunningLoop } from "../loop/running.ts";
import { shownAsText } from "../loop/shown-as-text.ts";
import { isCoroutineFunction } from "../coroutine/marks.ts";
import { KIND, NO_VALUE, SUSPEND, WAITABLE, type Waitable } from "../coroutine/protocol.ts";
import { Await } from "../coroutine/wait.ts";
import { RaiseNext } from "./raise-next.ts";
import { noteFailure, retrieved } from "./unretrieved.ts";

export const PENDING = 0;
export const DONE = 1;
export const FAILED = 2;
export const CANCELLED = 3;
/** The bits of `state` that say which of the four it is. Tasks keep more in the higher bits. */
export const OUTCOME = 3;
/** A failure that nobody has read yet. */
export const UNREAD = 4;

/** What a future calls when it is done: a sleeping task, a handle, a combinator. */
export interface Listener extends Callback {
  /** @internal */ notify(future: Future<any>): void;
}

class DoneCallback implements Listener {
  readonly fn: (future: any) => unknown;
  readonly context: Context | undefined;
  future: Future<any> | undefined = undefined;

  constructor(fn: (future: any) => unknown, context: Context | undefined) {
    this.fn = fn;
    this.context = context;
  }

  notify(future: Future<any>): void {
    this.future = future;
    future.loop.soon(this);
  }

  fire(): void {
    const future = this.future as Future<any>;
    exec.task = null;
    exec.context = this.context;
    try {
      this.fn(future);
    } catch (error) {
      if (error instanceof KeyboardInterrupt) throw error;
      future.loop.callExceptionHandler({
        message: `Exception in callback ${callbackName(this.fn)}`,
        exception: error,
        handle: this,
      });
    }
  }

  getContext(): Context | undefined {
    return this.context;
  }

  toString(): string {
    return `<Handle ${callbackName(this.fn)}>`;
  }
}

/**
 * A result that will be there later. Any number of tasks may await it, any number of times.
 *
 * @see https://docs.python.org/3.13/library/asyncio-future.html
 */
export class Future<T = any> implements Promise<T>, Waitable {
  /** @internal */ state: number = PENDING;
  /** @internal The result, the error, or for a cancelled one the error or the message. Until then: who listens, see `listeners`. */
  value: any = undefined;
  /** @internal */ readonly loop: EventLoop;
  static {
    Object.defineProperty(this.prototype, KIND, { value: WAITABLE });
    shownAsText(this.prototype);
  }

  /** @throws {RuntimeError} when no loop is given and none is running. */
  constructor(options?: { readonly loop?: EventLoop }) {
    const loop = options === undefined ? getRunningLoop() : (options.loop ?? getRunningLoop());
    this.loop = loop;
    if (loop.debug) creations.set(this, creationStack());
  }

  /** @internal One listener, or several in order. */
  get listeners(): Listener | Listener[] | undefined {
    return this.done() ? undefined : this.value;
  }

  /** The loop that it belongs to. */
  getLoop(): EventLoop {
    return this.loop;
  }

  /** Whether it has a result, an error, or was cancelled. */
  done(): boolean {
    return (this.state & OUTCOME) !== PENDING;
  }

  /** Whether it was cancelled. */
  cancelled(): boolean {
    return (this.state & OUTCOME) === CANCELLED;
  }

  /**
   * @throws its error.
   * @throws {CancelledError} when it was cancelled.
   * @throws {InvalidStateError} while it is pending.
   */
  result(): T {
    const outcome = this.state & OUTCOME;
    if (outcome === DONE) return this.value;
    if (outcome === PENDING) throw new InvalidStateError("Cannot get the result: it is not set");
    throw this.failure();
  }

  /** The error, or null after a result. Throws as `result()` when cancelled or pending. */
  exception(): any {
    const outcome = this.state & OUTCOME;
    if (outcome === DONE) return null;
    if (outcome === PENDING) throw new InvalidStateError("Cannot get the exception: it is not set");
    if (outcome === CANCELLED) throw this.failure();
    return this.failure();
  }

  /** @internal The error to throw; from here on it counts as read. */
  failure(): unknown {
    if ((this.state & OUTCOME) === CANCELLED) return this.cancellation() ?? makeCancelled(undefined);
    if ((this.state & UNREAD) !== 0) this.markRead();
    return this.value;
  }

  /** @internal The error of a cancelled one, or undefined for one without a message, which is made when it is to be seen. */
  cancellation(): CancelledError | undefined {
    const { value } = this;
    if (value === undefined || value instanceof CancelledError) return value;
    return makeCancelled(value);
  }

  /** @internal */
  markRead(): void {
    if ((this.state & UNREAD) === 0) return;
    this.state &= ~UNREAD;
    retrieved(this);
  }

  /** @throws {InvalidStateError} when it is done. */
  setResult(value: T): void {
    if (this.done()) throw this.alreadyDone("result");
    this.settle(DONE, value);
  }

  /**
   * @param error an Error, or an error class.
   * @throws {InvalidStateError} when it is done.
   */
  setException(error: unknown): void {
    if (this.done()) throw this.alreadyDone("exception");
    const value = typeof error === "function" ? new (error as new () => unknown)() : error;
    if (value === null || typeof value !== "object")
      throw new TypeError(`Cannot set exception: expected an Error, received ${String(error)}`);
    this.settle(FAILED, value);
  }

  /** For subclasses that hand on what was thrown elsewhere: fails with anything, an error or not. */
  protected failWith(thrown: unknown): void {
    if (this.done()) throw this.alreadyDone("exception");
    this.settle(FAILED, thrown);
  }

  private alreadyDone(what: string): InvalidStateError {
    return new InvalidStateError(`Cannot set ${what}: ${String(this)} is done already`);
  }

  /** Cancels it: who awaits it gets `CancelledError` with this message. False when it was done. */
  cancel(message?: unknown): boolean {
    this.markRead();
    if (this.done()) return false;
    this.settle(CANCELLED, message);
    return true;
  }

  /** @internal To be called once. */
  settle(outcome: number, value: unknown): void {
    const listeners = this.value as Listener | Listener[] | undefined;
    this.state = (this.state & ~(OUTCOME | UNREAD)) | outcome;
    this.value = value;
    if (outcome === FAILED) this.noteUnread();
    if (listeners === undefined) return;
    if (Array.isArray(listeners)) this.notifyAll(listeners);
    else listeners.notify(this);
  }

  private noteUnread(): void {
    this.state |= UNREAD;
    noteFailure(this);
  }

  private notifyAll(listeners: readonly Listener[]): void {
    for (let i = 0; i < listeners.length; i++) listeners[i].notify(this);
  }

  /** @internal */
  listen(listener: Listener): void {
    const { listeners } = this;
    if (this.done()) listener.notify(this);
    else if (listeners === undefined) this.value = listener;
    else if (Array.isArray(listeners)) listeners.push(listener);
    else this.value = [listeners, listener];
  }

  /** @internal */
  unlisten(unwanted: (listener: Listener) => boolean): number {
    const { listeners } = this;
    if (listeners === undefined) return 0;
    const all = Array.isArray(listeners) ? listeners : [listeners];
    const kept = all.filter((listener) => !unwanted(listener));
    this.value = kept.length === 0 ? undefined : kept.length === 1 ? kept[0] : kept;
    return all.length - kept.length;
  }

  /** Calls `fn(future)` through the loop once it is done; never inline. */
  addDoneCallback(fn: (future: this) => unknown, options?: { readonly context?: Context }): void {
    if (typeof fn !== "function")
      throw new TypeError(`Cannot add done callback: expected a function, received ${String(fn)}`);
    if (isCoroutineFunction(fn))
      throw new TypeError(
        `Cannot add done callback: ${fn.name || "it"}() is a coroutine function, which a plain call never starts; pass spawning(fn)`,
      );
    this.listen(new DoneCallback(fn, options?.context ?? inheritedContext()));
  }

  /** Removes every entry of `fn` and gives their number. */
  removeDoneCallback(fn: (future: this) => unknown): number {
    return this.unlisten((listener) => listener instanceof DoneCallback && listener.fn === fn);
  }

  /** @internal */
  enter(): unknown {
    const outcome = this.state & OUTCOME;
    if (outcome === DONE) return this.value;
    if (outcome !== PENDING) throw this.failure();
    const { task } = exec;
    if (task === null) throw new RuntimeError("Cannot wait for a future: there is no current task");
    if (task.loop !== this.loop)
      return new RaiseNext(
        new RuntimeError(`Cannot await ${String(this)} in ${String(task)}: it belongs to a different loop`),
      ).enter();
    if ((this as unknown) === task)
      return new RaiseNext(new RuntimeError(`Cannot await ${String(this)}: a task cannot await itself`)).enter();
    if (this.value === undefined) this.value = task;
    else this.listen(task);
    task.waitingOn = this;
    return SUSPEND;
  }

  /** @internal */
  resume(): unknown {
    return (this.state & OUTCOME) === DONE ? this.value : NO_VALUE;
  }

  /** @internal */
  abandon(message: unknown): boolean {
    return this.cancel(message);
  }

  /** @internal */
  interrupted(): void {}

  /** For native code: a promise of the result. */
  // oxlint-disable-next-line unicorn/no-thenable -- awaitables are thenables by design
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((error: any) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return new Promise<T>((resolve, reject) => {
      const listener: Listener = {
        notify: () => this.loop.soon(listener),
        fire: () => ((this.state & OUTCOME) === DONE ? resolve(this.value) : reject(this.failure())),
      };
      this.listen(listener);
    }).then(onFulfilled, onRejected);
  }

  /** For native code: as `then`, for the error only. */
  catch<B = never>(onRejected?: ((error: any) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.then(undefined, onRejected);
  }

  /** For native code: as `then`, for either outcome. */
  finally(onFinally?: (() => void) | null): Promise<T> {
    return this.then().finally(onFinally);
  }

  get [Symbol.toStringTag](): string {
    return "Future";
  }

  [Symbol.iterator](): Iterator<undefined, T, any> {
    return new Await<T>(this);
  }

  toString(): string {
    const outcome = this.state & OUTCOME;
    const state = ["pending", "finished", "finished", "cancelled"][outcome];
    return `<${this.constructor.name} ${state}${this.outcome()}${this.callbacks()}${madeAt(this)}>`;
  }

  /** @internal The result or the error, once there is one. */
  protected outcome(): string {
    const outcome = this.state & OUTCOME;
    if (outcome === DONE) return ` result=${brief(this.value)}`;
    return outcome === FAILED ? ` exception=${brief(this.value)}` : "";
  }

  /** @internal The first and the last of what it calls when it is done. */
  protected callbacks(): string {
    const { listeners } = this;
    if (listeners === undefined) return "";
    const names = (Array.isArray(listeners) ? listeners : [listeners]).flatMap((listener) =>
      listener instanceof DoneCallback ? callbackName(listener.fn) : [],
    );
    if (names.length > 2) names.splice(1, names.length - 2, `<${names.length - 2} more>`);
    return names.length === 0 ? "" : ` cb=[${names.join(", ")}]`;
  }
}

/** @internal Where it was made, when that is known. */
export function madeAt(future: Future<any>): string {
  const source = creations.get(future);
  return source === undefined ? "" : ` made at ${placeOf(source)}`;
}

/** @internal Without a stack, but for debug mode: recording one costs more than the cancellation. */
export function makeCancelled(message: unknown, debug = false): CancelledError {
  if (debug) return cancelledWith(message);
  const limit = Error.stackTraceLimit;
  // What is no number makes V8 leave the stack out altogether: half the price of one without lines.
  Error.stackTraceLimit = undefined as unknown as number;
  const error = message === undefined ? new CancelledError() : cancelledWith(message);
  Error.stackTraceLimit = limit;
  error.stack = message === undefined ? "CancelledError" : `CancelledError: ${error.message}`;
  return error;
}

function cancelledWith(message: unknown): CancelledError {
  if (message === undefined) return new CancelledError();
  return typeof message === "string"
    ? new CancelledError(message)
    : new CancelledError(String(message), { cause: message });
}

/** Whether `x` is a future or a task. */
export function isFuture(x: unknown): x is Future<unknown> {
  return x instanceof Future;
}
