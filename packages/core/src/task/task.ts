import type { EventLoop } from "../loop/event-loop.ts";
import type { Waitable } from "../coroutine/protocol.ts";
import { CancelledError, KeyboardInterrupt, RuntimeError } from "../errors.ts";
import {
  Coroutine,
  GeneratorCoroutine,
  enter,
  generatorNext,
  generatorReturn,
  generatorThrow,
  unwound,
} from "../coroutine/coroutine.ts";
import { EMIT, FINALLY, NOTHING, SUSPEND } from "../coroutine/protocol.ts";
import { Context, inheritedContext } from "../loop/context.ts";
import { creationStack } from "../loop/creation-stack.ts";
import { exec } from "../loop/execution.ts";
import { CANCELLED, DONE, FAILED, Future, OUTCOME, PENDING, makeCancelled } from "./future.ts";
import { tracePassed } from "./coroutine-trace.ts";

/** cancel() was called while nothing could be told: the next step throws. Withdrawn when uncancel() reaches 0. */
export const MUST_CANCEL = 8;
/** The wait was given up by cancel(): the queued step throws. */
const WAIT_CANCELLED = 16;
/** Inside a cancelled scope: every wait is given up at once. */
export const SCOPE_CANCELLED = 32;
const INTERRUPTED: number = MUST_CANCEL | WAIT_CANCELLED;
/** The number of cancel requests is kept above the flags. */
const ONE_REQUEST = 64;
const REQUESTS_SHIFT = 6;

const DROPPED: unique symbol = Symbol("dropped");

let taskNumber = 0;

/** Options of `createTask`. */
export interface TaskOptions {
  readonly name?: string;
  /** Run in this very context instead of a copy of the current one. */
  readonly context?: Context;
  /** Run the first step at once, inside the call. */
  readonly eagerStart?: boolean;
  /** Aborting it cancels the task. */
  readonly signal?: AbortSignal;
}

/** What few tasks need. */
export class TaskDetail {
  readonly number: number;
  name: string | undefined = undefined;
  cancelMessage: unknown = undefined;
  /** The innermost cancel scope that the task is in. */
  scope: object | null = null;
  source: string | undefined = undefined;
  constructor(number: number) {
    this.number = number;
  }
}

/**
 * A coroutine that runs on its own on the loop. The loop holds it until it is done.
 *
 * | the task | waitingOn | in the ready queue |
 * |---|---|---|
 * | is queued for a step | undefined | yes |
 * | runs | undefined | no |
 * | sleeps | what it waits for, pending | no |
 * | is woken, granted or cancelled | what it waited for, done | yes |
 * | is done | undefined | no |
 *
 * @see https://docs.python.org/3.13/library/asyncio-task.html#task-object
 */
export class Task<T = any> extends Future<T> {
  /** @internal The innermost frame. */ frame: GeneratorCoroutine<any> | undefined;
  /** @internal The frames around it, outermost first. */ outer: GeneratorCoroutine<any>[] | undefined = undefined;
  /** @internal */ waitingOn: Waitable | undefined = undefined;
  /** @internal Its neighbours among the pending tasks of the loop. */
  before: Task | null = null;
  /** @internal */ after: Task | null = null;
  /** @internal */ context: Context | undefined;
  /** @internal */ info: number | TaskDetail;

  /** @internal Use `createTask()`. */
  constructor(co: Coroutine<T>, options: TaskOptions & { readonly loop: EventLoop }) {
    const { loop } = options;
    super(options);
    if (!(co instanceof Coroutine))
      throw new TypeError(`Cannot create task: expected a coroutine, received ${describe(co)}`);
    this.info = ++taskNumber;
    this.frame = co instanceof GeneratorCoroutine ? co : awaitingCoroutine(co);
    this.frame.claim();
    this.context = options.context ?? inheritedContext();
    if (options.name !== undefined) this.setName(options.name);
    if (loop.getDebug()) this.detail().source = creationStack();
    if (options.signal !== undefined) this.#follow(options.signal);
    this.begin(options.eagerStart === true && loop === exec.loop);
  }

  protected begin(eager: boolean): void {
    if (eager) return this.#startEagerly();
    this.loop.tasks.add(this);
    this.loop.soon(this);
  }

  #startEagerly(): void {
    const { task, context, depth } = exec;
    this.loop.tasks.add(this);
    this.run(undefined, false);
    exec.task = task;
    exec.context = context;
    exec.depth = depth;
  }

  #follow(signal: AbortSignal): void {
    const cancel = (): void => void this.cancel(signal.reason);
    if (signal.aborted) return void this.loop.callSoon(cancel);
    signal.addEventListener("abort", cancel);
    this.listen({ notify: () => signal.removeEventListener("abort", cancel), fire: () => {} });
  }

  /** @internal */
  detail(): TaskDetail {
    if (typeof this.info === "number") this.info = new TaskDetail(this.info);
    return this.info;
  }

  get name(): string {
    return this.getName();
  }

  getName(): string {
    const { info } = this;
    return typeof info === "number" ? `Task-${info}` : (info.name ?? `Task-${info.number}`);
  }

  setName(name: unknown): void {
    this.detail().name = String(name);
  }

  /** The outermost coroutine; null when the task is done. */
  getCoro(): Coroutine<T> | null {
    const { outer } = this;
    return (outer !== undefined && outer.length > 0 ? outer[0] : this.frame) ?? null;
  }

  /** The context of the task, the same object at every call. */
  getContext(): Context {
    return (this.context ??= new Context());
  }

  /** Asks the task to end: `CancelledError` is thrown where it waits. False when it is done already. */
  override cancel(message?: unknown): boolean {
    this.markRead();
    if (this.done()) return false;
    this.state += ONE_REQUEST;
    const { waitingOn } = this;
    if (waitingOn !== undefined && waitingOn.abandon(message)) return true;
    this.state |= MUST_CANCEL;
    // The step that throws is queued already, with the message of the first request.
    if ((this.state & WAIT_CANCELLED) !== 0) return true;
    if (message !== undefined || typeof this.info !== "number") this.detail().cancelMessage = message;
    return true;
  }

  /** How many cancel requests are pending: calls of cancel() less calls of uncancel(). */
  cancelling(): number {
    return this.state >> REQUESTS_SHIFT;
  }

  /** Takes one request back. At 0 a cancellation that was not delivered yet is withdrawn. Gives the new count. */
  uncancel(): number {
    if (this.cancelling() > 0) {
      this.state -= ONE_REQUEST;
      if (this.cancelling() === 0) this.state &= ~MUST_CANCEL;
    }
    return this.cancelling();
  }

  override setResult(_value?: unknown): void {
    throw new RuntimeError(`Cannot set the result of ${this.getName()}: a task gets it from its coroutine`);
  }

  override setException(_error?: unknown): void {
    throw new RuntimeError(`Cannot set the exception of ${this.getName()}: a task gets it from its coroutine`);
  }

  /** The coroutines that the task is in, outermost first; empty when it is done. */
  getStack(): readonly Coroutine<unknown>[] {
    if (this.frame === undefined) return [];
    return [...(this.outer ?? []), this.frame];
  }

  printStack(): void {
    const stack = this.getStack();
    console.error(
      stack.length === 0
        ? `No stack for ${String(this)}`
        : [`Stack for ${String(this)}:`, ...stack.map((co) => `  ${co.name}()`)].join("\n"),
    );
  }

  /** @internal The future it waits for is done. */
  notify(): void {
    this.loop.soon(this);
  }

  /** @internal A wait was given up by cancel(). */
  wakeCancelled(message: unknown): void {
    this.state |= WAIT_CANCELLED;
    if (message !== undefined || typeof this.info !== "number") this.detail().cancelMessage = message;
    this.loop.soon(this);
  }

  /** @internal The wait kept its value; the cancellation strikes at the next one. */
  keepCancelled(): void {
    this.state |= MUST_CANCEL;
  }

  /** @internal A turn through the ready queue. */
  fire(): void {
    exec.depth = 0;
    const { waitingOn } = this;
    if ((this.state & INTERRUPTED) !== 0) return this.#interrupt(waitingOn);
    if (waitingOn === undefined) return this.run(undefined, false);
    exec.task = this;
    exec.context = this.context;
    if (waitingOn instanceof Future) {
      this.waitingOn = undefined;
      if ((waitingOn.state & OUTCOME) === DONE) return this.run(waitingOn.value, false);
      return this.run(waitingOn.failure(), true);
    }
    let value: unknown;
    try {
      value = waitingOn.resume();
    } catch (error) {
      this.waitingOn = undefined;
      return this.run(error, true);
    }
    if (value === SUSPEND) return this.parked(exec.waiting as Waitable);
    this.waitingOn = undefined;
    this.run(value, false);
  }

  #interrupt(waitingOn: Waitable | undefined): void {
    exec.task = this;
    exec.context = this.context;
    if (waitingOn !== undefined && (this.state & WAIT_CANCELLED) === 0) {
      // cancel() came between the wake-up and this step.
      if (waitingOn instanceof Future) {
        waitingOn.markRead();
        if ((waitingOn.state & OUTCOME) === CANCELLED) {
          this.state &= ~INTERRUPTED;
          this.waitingOn = undefined;
          return this.deliver(waitingOn.failure());
        }
      }
      if ((waitingOn as { keepsOutcome?: boolean }).keepsOutcome === true) {
        // Nobody else holds the outcome: it is given, and the cancellation strikes at the next wait.
        this.waitingOn = undefined;
        try {
          return this.run(waitingOn.resume(), false);
        } catch (error) {
          return this.run(error, true);
        }
      }
    }
    this.state &= ~INTERRUPTED;
    this.waitingOn = undefined;
    const { info } = this;
    let message: unknown;
    if (typeof info !== "number") {
      message = info.cancelMessage;
      info.cancelMessage = undefined;
    }
    waitingOn?.interrupted();
    this.deliver(makeCancelled(message, this.loop.getDebug()));
  }

  /**
   * A cancellation goes through the frames, innermost first. A throw is what costs most of it: a frame that cannot
   * see it is dropped, one that only has `finally` is closed with return().
   */
  protected deliver(error: unknown): void {
    for (;;) {
      const frame = this.frame as GeneratorCoroutine<any>;
      const { cleanup } = frame;
      if (cleanup === FINALLY) {
        let step: IteratorResult<unknown>;
        exec.task = this;
        exec.context = this.context;
        try {
          step = generatorReturn.call(frame.reenter(), DROPPED);
        } catch (thrown) {
          if (!this.pop()) return this.fail(thrown);
          return this.run(thrown, true);
        }
        if (!step.done) return this.run(step, false, true);
        if (step.value !== DROPPED) {
          if (!this.pop()) return this.finish(DONE, step.value);
          return this.run(step.value, false);
        }
      } else if (cleanup !== NOTHING) {
        return this.run(error, true);
      }
      frame.drop();
      if (!this.pop()) return this.finish(CANCELLED, error);
    }
  }

  /** The next outer frame becomes the innermost; false when there is none. */
  protected pop(): boolean {
    const { outer } = this;
    if (outer === undefined || outer.length === 0) return false;
    this.frame = outer.pop();
    return true;
  }

  /**
   * The driver: resumes the innermost frame with a value or an error, and goes outwards as frames end, until
   * something suspends. Hot: one loop, no allocation of its own.
   */
  protected run(value: any, threw: boolean, stepped = false): void {
    exec.task = this;
    exec.context = this.context;
    let frame = this.frame as GeneratorCoroutine<any>;
    for (;;) {
      let step: IteratorResult<unknown>;
      if (stepped) {
        step = value;
        stepped = false;
      } else {
        try {
          step = threw ? generatorThrow.call(frame.reenter(), value) : generatorNext.call(frame.reenter(), value);
        } catch (error) {
          unwound.length = 0;
          tracePassed(error, frame, this);
          if (!this.pop()) return this.fail(error);
          frame = this.frame as GeneratorCoroutine<any>;
          value = error;
          threw = true;
          continue;
        }
      }
      threw = false;
      value = step.value;
      if (step.done === false && value !== EMIT) {
        if (unwound.length > 0) frame = this.#adopt(frame);
        if (value !== undefined) {
          // `yield x`, untyped.
          try {
            value = enter(value);
          } catch (error) {
            value = error;
            threw = true;
          }
          if (value !== SUSPEND) continue;
          if (unwound.length > 0) frame = this.#adopt(frame);
        }
        if (exec.restart) {
          exec.restart = false;
          exec.depth = 0;
          value = undefined;
          continue;
        }
        frame.leave();
        this.frame = frame;
        return this.parked(exec.waiting as Waitable | undefined);
      }
      if (step.done === false) frame.leave();
      // Done, or an async generator hands out EMIT: either way the frame outside gets it.
      if (value === DROPPED) {
        if (!this.pop()) return this.finish(CANCELLED, makeCancelled(undefined));
        return this.deliver(makeCancelled(undefined));
      }
      if (!this.pop()) return this.finish(DONE, value);
      frame = this.frame as GeneratorCoroutine<any>;
    }
  }

  /** The frames that were left behind while the stack unwound; gives the innermost. */
  #adopt(frame: GeneratorCoroutine<any>): GeneratorCoroutine<any> {
    const outer = (this.outer ??= []);
    frame.leave();
    outer.push(frame);
    while (unwound.length > 1) outer.push(unwound.pop() as GeneratorCoroutine<any>);
    return (this.frame = unwound.pop() as GeneratorCoroutine<any>);
  }

  /** The task has suspended: it waits for something, or only gives way. */
  protected parked(waitable: Waitable | undefined): void {
    exec.waiting = undefined;
    exec.task = null;
    this.waitingOn = waitable;
    if (waitable === undefined) this.loop.soon(this);
    if ((this.state & (MUST_CANCEL | SCOPE_CANCELLED)) !== 0) this.#cancelAtPark(waitable);
  }

  #cancelAtPark(waitable: Waitable | undefined): void {
    const { info } = this;
    const message = typeof info === "number" ? undefined : info.cancelMessage;
    if (waitable !== undefined && waitable.abandon(message)) this.state &= ~MUST_CANCEL;
    else if ((this.state & SCOPE_CANCELLED) !== 0) this.state |= MUST_CANCEL;
  }

  protected fail(error: unknown): void {
    if (error instanceof CancelledError) return this.finish(CANCELLED, error);
    this.finish(FAILED, error);
    if (error instanceof KeyboardInterrupt) throw error;
  }

  protected finish(outcome: number, value: unknown): void {
    exec.task = null;
    if (outcome === DONE && (this.state & MUST_CANCEL) !== 0) {
      outcome = CANCELLED;
      value = makeCancelled((this.info as TaskDetail).cancelMessage);
    }
    this.state &= ~INTERRUPTED;
    if (outcome === DONE && this.cancelling() > 0 && this.loop.getDebug()) {
      console.warn(
        `tsyncio: ${this.getName()} swallowed a cancellation and went on to its end; throw CancelledError again, or call uncancel()`,
      );
    }
    this.frame = undefined;
    this.outer = undefined;
    this.loop.tasks.delete(this);
    this.settle(outcome, value);
  }

  override toString(): string {
    const outcome = this.state & OUTCOME;
    const state =
      outcome !== PENDING
        ? outcome === CANCELLED
          ? "cancelled"
          : "finished"
        : this.cancelling() > 0
          ? "cancelling"
          : "pending";
    const co = this.getCoro();
    return `<Task ${state} name='${this.getName()}'${co === null ? "" : ` coro=${co.name}()`}>`;
  }
}

/** @internal A coroutine that only awaits. */
export function awaitingCoroutine<T>(awaitable: unknown): GeneratorCoroutine<T> {
  // The coroutine will handle it, but not before its first step: until then the host must not call it unhandled.
  if (awaitable instanceof Promise) awaitable.catch(() => {});
  return new GeneratorCoroutine<T>(
    awaiting(awaitable),
    { name: (awaitable as { name?: string })?.name ?? "await" },
    NOTHING,
  );
}

function* awaiting(awaitable: unknown): Generator<undefined, any, any> {
  const value = enter(awaitable);
  return value === SUSPEND ? yield : value;
}

function describe(x: unknown): string {
  if (typeof x === "function") return `the function ${x.name || "itself"}; call it: ${x.name || "fn"}()`;
  if (x instanceof Promise)
    return 'a native promise; its function is not compiled: import from "tsyncio" in its file or say "use tsyncio" there (ensureFuture() adopts a promise as it is)';
  if (Object.prototype.toString.call(x) === "[object Generator]")
    return "a generator; wrap the generator function in coroutine()";
  return String(x);
}
