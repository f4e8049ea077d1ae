import type { Task } from "../task/task.ts";
import { RuntimeError } from "../errors.ts";
import { exec } from "../loop/execution.ts";
import { Coroutine, type CoroutineState } from "./coroutine.ts";
import { enter } from "./generator-coroutine.ts";
import { notAwaited } from "./not-awaited.ts";
import { KIND, SUSPEND, WAITABLE, WAITS, type Waitable } from "./protocol.ts";

// V8 takes constants of a file as they are; what is imported, or exported, it looks up each time.
const SUSPENSION: typeof SUSPEND = SUSPEND;

/** Not entered yet. */
const NEW = 0;
/** The task sleeps. */
export const PARKED = 1;
/** Granted: the task is in the ready queue. */
export const WOKEN = 2;
/** The task was cancelled while it slept: it is in the ready queue. */
export const CANCELLED = 3;
/** Given its value or its error. */
export const OVER = 4;

/**
 * A wait of the library: a coroutine without a generator. One that need not suspend allocates nothing but itself.
 * One that stands in line with others is a `WaitInLine`.
 *
 * | phase | entered by | left by |
 * |---|---|---|
 * | NEW | constructor | enter() → OVER, or PARKED |
 * | PARKED | park() | wake() → WOKEN, abandon() → CANCELLED |
 * | WOKEN, CANCELLED | | the task's next step → OVER, or PARKED again |
 */
export abstract class Wait<T> extends Coroutine<T> implements Waitable {
  /** @internal */ phase: number = NEW;
  /** @internal */ task: Task<any> | null = null;
  static {
    Object.defineProperty(this.prototype, KIND, { value: WAITABLE });
  }

  // Without this the compiler writes `super(...arguments)`, which costs more than all the rest of a wait.
  // oxlint-disable-next-line no-useless-constructor
  constructor() {
    super();
  }

  /** @internal */ abstract enter(): unknown;
  /** @internal */ abstract resume(): unknown;

  /** @internal */
  interrupted(): void {}

  /** @internal Puts the current task to sleep on this. */
  protected park(): typeof SUSPEND {
    const { task } = exec;
    if (task === null) throw withoutTask(this);
    this.task = task;
    this.phase = PARKED;
    task.waitingOn = this;
    return SUSPEND;
  }

  /** @internal Wakes the task: it goes on in the next iteration. */
  wake(): void {
    this.phase = WOKEN;
    const task = this.task as Task<any>;
    task.loop.soon(task);
  }

  /** @internal */
  abandon(message: unknown): boolean {
    if (this.phase !== PARKED) return false;
    this.phase = CANCELLED;
    (this.task as Task<any>).wakeCancelled(message);
    return true;
  }

  /** @internal A wait is used once. */
  protected begin(): void {
    if (this.phase !== NEW) throw usedUp(this);
    this.phase = OVER;
  }

  get state(): CoroutineState {
    if (this.phase === NEW) return "created";
    return this.phase !== OVER && this.task?.waitingOn === this ? "suspended" : "closed";
  }

  close(): void {
    if (this.phase === NEW) this.phase = OVER;
  }

  /** @internal As the delegate of `yield*`: the first call enters, the second brings what the task was woken with. */
  next(value?: unknown): IteratorResult<undefined, T> {
    if (this.phase !== NEW) {
      if (exec.task?.waitingOn !== undefined) notAwaited(this);
      return { done: true, value: value as T };
    }
    const result = this.enter();
    return result === SUSPENSION ? WAITS : { done: true, value: result as T };
  }

  throw(error: unknown): IteratorResult<any, T> {
    throw error;
  }

  /** @internal */
  return(value?: unknown): IteratorResult<undefined, T> {
    if (exec.task?.waitingOn !== undefined) notAwaited(this);
    return { done: true, value: value as T };
  }

  [Symbol.iterator](): Iterator<undefined, T, any> {
    if (this.phase !== NEW) throw usedUp(this);
    return this;
  }
}

function withoutTask({ name }: Wait<unknown>): RuntimeError {
  return new RuntimeError(`Cannot wait in ${name}: there is no current task`);
}

function usedUp({ name }: Wait<unknown>): RuntimeError {
  return new RuntimeError(`Cannot await ${name}: it has already been awaited; call it again`);
}

/** `yield* x` of what may be awaited more than once. */
export class Await<T> implements Iterator<undefined, T, any> {
  readonly #target: unknown;
  #entered = false;

  constructor(target: unknown) {
    this.#target = target;
  }

  next(value?: any): IteratorResult<undefined, T> {
    const target = this.#target;
    if (this.#entered) {
      if (exec.task?.waitingOn !== undefined) notAwaited(target);
      return { done: true, value };
    }
    this.#entered = true;
    const result = enter(target);
    return result === SUSPENSION ? WAITS : { done: true, value: result };
  }

  throw(error: unknown): IteratorResult<undefined, T> {
    throw error;
  }

  return(value?: any): IteratorResult<undefined, T> {
    if (exec.task?.waitingOn !== undefined) notAwaited(this.#target);
    return { done: true, value };
  }
}
