/**
 * What is called behind an await in its arguments: `o.m(await e)`. The function is read before it, and whether it is one is
 * known then; that it is none is thrown when it is called.
 *
 * @param text what V8 shows of the call
 */
export function callable(fn: unknown, text: string): unknown {
  return typeof fn === "function" ? fn : failing(text);
}

function failing(text: string): () => never {
  return function fail() {
    const error = new TypeError(`${text} is not a function`);
    Error.captureStackTrace?.(error, fail);
    throw error;
  };
}

const { call } = Function.prototype;

/** Calls a function on `self`, whatever properties it has of its own; no stack shows this. */
export const invoke: (fn: unknown, self: unknown, ...args: unknown[]) => unknown = call.bind(call as never);
