import { lent } from "../loop/lent.ts";
import { shownAsText } from "../loop/shown-as-text.ts";

/** What can be awaited. */
export type Awaitable<T> = Coroutine<T> | PromiseLike<T>;

/** See `Coroutine.state`. */
export type CoroutineState = "created" | "running" | "suspended" | "closed";

/**
 * A lazy, resumable computation: what a coroutine function gives. It runs when it is awaited (once) or scheduled.
 *
 * @see https://docs.python.org/3.13/library/asyncio-task.html#coroutines
 */
export abstract class Coroutine<T> implements Promise<T> {
  /** The name of the coroutine function, for messages. */
  abstract get name(): string;
  /** Where it stands: not begun, on the JavaScript stack, waiting, or over. */
  abstract get state(): CoroutineState;

  /** Ends it without running it further; a suspended one runs its `finally` blocks. */
  abstract close(): void;

  /** One step by hand, outside of any task: what it waits for, or its result with `done`. */
  send(value?: unknown): IteratorResult<unknown, T> {
    return lent.drive(this, value, false);
  }

  /** Throws `error` in at the point where it waits. */
  abstract throw(error: unknown): IteratorResult<unknown, T>;

  /** For native code: schedules the coroutine as a task on the running loop, else on the default one. */
  // oxlint-disable-next-line unicorn/no-thenable -- awaitables are thenables by design
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((error: any) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return lent.schedule(this).then(onFulfilled, onRejected);
  }

  /** As `then`, for the error only. */
  catch<B = never>(onRejected?: ((error: any) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.then(undefined, onRejected);
  }

  /** As `then`, for either outcome. */
  finally(onFinally?: (() => void) | null): Promise<T> {
    return lent.schedule(this).then().finally(onFinally);
  }

  get [Symbol.toStringTag](): string {
    return "Coroutine";
  }

  toString(): string {
    return `<Coroutine ${this.state} name='${this.name}'>`;
  }

  static {
    shownAsText(this.prototype);
  }

  /** The typed await of the generator spelling: `yield* coroutine`. */
  abstract [Symbol.iterator](): Iterator<undefined, T, any>;
}

/** Whether `x` is a coroutine object. */
export function isCoroutine(x: unknown): x is Coroutine<unknown> {
  return x instanceof Coroutine;
}
