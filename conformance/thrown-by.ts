import { type Awaitable, type Coroutine, coroutine } from "tsyncio";

/** What `aw` throws, awaited in the current task; fails when it throws nothing. */
export const thrownBy: (aw: Awaitable<unknown>) => Coroutine<unknown> = coroutine(function* (aw: Awaitable<unknown>) {
  let value: unknown;
  try {
    value = yield aw;
  } catch (error) {
    return error;
  }
  throw new Error(`expected an error, received ${String(value)}`);
});
