import { RuntimeError } from "tsyncio";
import { expect } from "vitest";

/** Expects that `call`, which is made outside of any loop, is refused for that. */
export function expectNoLoop(call: () => unknown): void {
  expect(call).toThrow(RuntimeError);
  expect(call).toThrow(
    "Cannot get the running event loop: there is no current event loop; call this from a coroutine or a callback of a loop",
  );
}
