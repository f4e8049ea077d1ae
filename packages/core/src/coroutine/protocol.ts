/** What `enter` and ops give instead of a value when the coroutine must be suspended. */
export const SUSPEND: unique symbol = Symbol("suspend");

/** What an async generator's frame yields to hand over an item (in `exec.item`). */
export const EMIT: unique symbol = Symbol("emit");

/** What a future gives to the driver in place of a value when it has failed or was cancelled. */
export const NO_VALUE: unique symbol = Symbol("no value");

/** A step that only waits. Made by a generator: its results have a hidden class of their own in V8. */
export const WAITS: IteratorResult<undefined, any> = (function* (): Generator<undefined> {
  yield;
})().next();

/** On the prototypes of everything that can be awaited without a promise: tells `enter` what to do. */
export const KIND: unique symbol = Symbol("kind");

/** A coroutine around a generator. */
export const COROUTINE = 1;
/** Anything else with `enter()`: futures and the waits of the library. */
export const WAITABLE = 2;

/** What a suspended task waits for. */
export interface Waitable {
  /** @internal What it gives at once, or SUSPEND after it has registered `exec.task` and put itself in its `waitingOn`. Throws what the await throws. */
  enter(): unknown;
  /** @internal At the step of the woken task: the value, or SUSPEND when it must wait again. Throws what the await throws; a future gives NO_VALUE. */
  resume(): unknown;
  /** @internal A cancellation of the waiting task arrives: true when the wait was pending, is given up, and the task is woken. */
  abandon(message: unknown): boolean;
  /** @internal At the step of the cancelled task, before the error is thrown into it: gives back what was granted. */
  interrupted(): void;
}

/** How much a frame has to do when a cancellation goes through it. */
export type Cleanup = 0 | 1 | 2;
/** The error must be thrown into it. */
export const THROW = 0;
/** Nothing: it can be dropped. */
export const NOTHING = 1;
/** Only `finally`: it can be closed with return(). */
export const FINALLY = 2;
