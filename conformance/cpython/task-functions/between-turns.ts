import type { Executor } from "tsyncio";

/** Calls functions between two turns of the loop, where no loop is running: as a host calls back. */
export const betweenTurns: Executor = {
  submit: <A extends unknown[], R>(fn: (...args: A) => R, ...args: A) =>
    Promise.resolve(args).then((given) => fn(...given)) as Promise<Awaited<R>>,
};
