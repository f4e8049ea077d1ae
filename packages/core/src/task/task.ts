import type { EventLoop } from "../loop/event-loop.ts";
import type { Waitable } from "../coroutine/protocol.ts";
import { RuntimeError } from "../errors.ts";
import { Coroutine } from "../coroutine/coroutine.ts";
import { GeneratorCoroutine } from "../coroutine/generator-coroutine.ts";
import { Context, inheritedContext } from "../loop/context.ts";
import { exec } from "../loop/execution.ts";
import { awaitingCoroutine } from "./awaiting.ts";
import { Driver } from "./driver.ts";
import { CANCELLED, Future, type Listener, OUTCOME, PENDING } from "./future.ts";
import { HANDING_ON, MUST_CANCEL, ONE_REQUEST, REQUESTS_SHIFT, STARTS_TAIL, WAIT_CANCELLED } from "./task-state.ts";

let taskNumber = 0;

/** @internal Numbers for so many tasks that will be made later: the first of them. */
export function takeNumbers(count: number): number {
  taskNumber += count;
  return taskNumber - count + 1;
}

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

/**
 * A coroutine that runs on its own on the loop. The loop holds it until it is done.
 *
 * @see https://docs.python.org/3.13/library/asyncio-task.html#task-object
 */
export class Task<T = any> extends Driver<T> {
  /**
   * For task factories that make tasks of a class of their own. Everywhere else it is `createTask()`.
   *
   * @throws {TypeError} for what is no coroutine.
   */
  constructor(co: Coroutine<T>, options: TaskOptions & { readonly loop: EventLoop });
  /** @internal The loop beside the options. One that gets its number is queued for its first step already. */
  constructor(co: Coroutine<T>, options: TaskOptions, loop: EventLoop, number?: number);
  constructor(co: Coroutine<T>, options: TaskOptions, loop = (options as { loop?: EventLoop }).loop, number?: number) {
    if (!(co instanceof Coroutine) || loop === undefined) throw impossible(co);
    const frame = co instanceof GeneratorCoroutine ? co : awaitingCoroutine(co);
    frame.claim();
    super(loop.plain, frame, options.context ?? inheritedContext(), number ?? ++taskNumber);
    if (options.name !== undefined) this.setName(options.name);
    if (options.signal !== undefined) this.follow(options.signal);
    if (number === undefined) this.begin(options.eagerStart === true && loop === exec.loop);
    else if (frame.isTail) this.state |= STARTS_TAIL;
  }

  /** @internal */
  get asTask(): this {
    return this;
  }

  /** @internal */ protected begin(eager: boolean): void {
    if (eager) return this.startEagerly();
    if ((this.frame as GeneratorCoroutine<T>).isTail) this.state |= STARTS_TAIL;
    // A closed loop refuses: then there is no such task.
    this.loop.soon(this);
    this.loop.tasks.add(this);
    this.loop.observing?.created(this);
  }

  private startEagerly(): void {
    const { task, context, depth } = exec;
    const { observing } = this.loop;
    this.loop.tasks.begin(this);
    observing?.created(this);
    observing?.stepStarts(this);
    try {
      if ((this.frame as GeneratorCoroutine<T>).isTail) this.runTail();
      else this.run(undefined, false);
    } finally {
      this.loop.tasks.hasBegun(this);
      exec.task = task;
      exec.context = context;
      exec.depth = depth;
      observing?.stepEnds(this);
    }
  }

  private follow(signal: AbortSignal): void {
    const cancel = (): void => void this.cancel(signal.reason);
    if (signal.aborted) return void this.loop.callSoon(cancel);
    signal.addEventListener("abort", cancel);
    this.listen({ notify: () => signal.removeEventListener("abort", cancel), fire: () => {} });
  }

  get name(): string {
    return this.getName();
  }

  /** The name it was given, else `Task-<number>`. */
  getName(): string {
    const { info } = this;
    return typeof info === "number" ? `Task-${info}` : (info.name ?? `Task-${info.number}`);
  }

  /** Names it for messages and graphs. */
  setName(name: unknown): void {
    this.detail().name = String(name);
  }

  /** The outermost coroutine; null when the task is done. */
  getCoro(): Coroutine<T> | null {
    return (this.getStack()[0] as Coroutine<T> | undefined) ?? null;
  }

  /** The context of the task, the same object at every call. */
  getContext(): Context {
    if (this.context === undefined) {
      this.context = new Context();
      if (exec.task === this) exec.context = this.context;
    }
    return this.context;
  }

  /** Asks the task to end: `CancelledError` is thrown where it waits. False when it is done already. */
  override cancel(message?: unknown): boolean {
    this.markRead();
    if (this.done()) return false;
    this.state += ONE_REQUEST;
    const { waitingOn } = this;
    // The step that throws is queued already, with the message of the first request.
    if ((this.state & WAIT_CANCELLED) !== 0) return true;
    if (waitingOn !== undefined && this.abandonWait(waitingOn, message)) return true;
    this.state |= MUST_CANCEL;
    if (message !== undefined || typeof this.info !== "number") this.detail().cancelMessage = message;
    return true;
  }

  private abandonWait(waitingOn: Waitable, message: unknown): boolean {
    if (!(waitingOn instanceof Future)) return waitingOn.abandon(message);
    if ((this.state & HANDING_ON) !== 0) {
      // The request has come around: tasks wait for each other in a circle. This is where it breaks.
      waitingOn.unlisten((listener) => listener === this);
      waitingOn.listen(UNHEARD);
      this.wakeCancelled(message);
      return true;
    }
    this.state |= HANDING_ON;
    const given = waitingOn.abandon(message);
    this.state &= ~HANDING_ON;
    return given;
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
    const stack: GeneratorCoroutine<any>[] = [];
    for (let frame = this.frame ?? null; frame !== null; frame = frame.caller) stack.push(frame);
    return stack.reverse();
  }

  /** Prints `getStack()` to the console. */
  printStack(): void {
    const stack = this.getStack();
    console.error(
      stack.length === 0
        ? `No stack for ${String(this)}`
        : [`Stack for ${String(this)}:`, ...stack.map((co) => `  ${co.name}()`)].join("\n"),
    );
  }

  override toString(): string {
    const { waitingOn } = this;
    // A task is shown without what that one waits for: chains may be long, and circles have no end.
    if (waitingOn instanceof Task) return this.text(` wait_for=${waitingOn.text("")}`);
    return this.text(waitingOn instanceof Future ? ` wait_for=${String(waitingOn)}` : "");
  }

  private text(waits: string): string {
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
    return `<Task ${state} name='${this.getName()}'${co === null ? "" : ` coro=${co.name}()`}${this.outcome()}${waits}>`;
  }
}

/** In the place of a task that waits no more: an error that it would have been given is no loss. */
const UNHEARD: Listener = { notify: (future) => future.markRead(), fire: () => {} };

function impossible(co: unknown): TypeError {
  return new TypeError(
    co instanceof Coroutine
      ? "Cannot create task: its options name no loop"
      : `Cannot create task: expected a coroutine, received ${describe(co)}`,
  );
}

function describe(x: unknown): string {
  if (typeof x === "function") return `the function ${x.name || "itself"}; call it: ${x.name || "fn"}()`;
  if (x instanceof Promise)
    return 'a native promise; its function is not compiled: import from "tsyncio" in its file or say "use tsyncio" there (ensureFuture() adopts a promise as it is)';
  if (Object.prototype.toString.call(x) === "[object Generator]")
    return "a generator; wrap the generator function in coroutine()";
  return String(x);
}
