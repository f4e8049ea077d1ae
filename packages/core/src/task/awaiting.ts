import { GeneratorCoroutine, enter } from "../coroutine/generator-coroutine.ts";
import { NOTHING } from "../coroutine/protocol.ts";

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

// oxlint-disable-next-line require-yield -- what it gives is waited for without it
function* awaiting(awaitable: unknown): Generator<undefined, any, any> {
  return enter(awaitable);
}
