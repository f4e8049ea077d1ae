import type { Executor } from "tsyncio";

/** Runs functions one after the other, each a little later, where threads would run them elsewhere. */
export class ExecutorInPlace implements Executor {
  #last: Promise<unknown> = Promise.resolve();

  submit<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Promise<Awaited<R>> {
    const result = this.#last.then(async (): Promise<Awaited<R>> => await fn(...args));
    this.#last = result.catch(() => {});
    return result;
  }
}
