import { type Executor, RuntimeError } from "tsyncio";
import { afterEach, expect, test, vi } from "vitest";
import { byHand } from "./loop-by-hand.ts";

afterEach(() => void vi.restoreAllMocks());

/** Takes no work, and comes to no end when it is asked to. */
class DummyExecutor implements Executor {
  readonly shutdowns: unknown[] = [];

  submit(): never {
    throw new Error("cannot submit into a dummy executor");
  }

  shutdown(options?: { readonly wait?: boolean }): Promise<void> | void {
    this.shutdowns.push(options);
    if (options?.wait === true) return new Promise(() => {});
  }
}

test("test_base_events.py::BaseEventLoopTests.test_set_default_executor: the default executor is the one that runInExecutor(null, …) asks", () =>
  byHand(async ({ loop }) => {
    expect(() => loop.runInExecutor(null, () => {})).toThrow("there is none; call loop.setDefaultExecutor()");
    loop.setDefaultExecutor(new DummyExecutor());
    expect(() => loop.runInExecutor(null, () => {})).toThrow(new Error("cannot submit into a dummy executor"));
  }));

test("test_base_events.py::BaseEventLoopTests.test_set_default_executor_error: what has no submit() cannot be the default executor, and changes nothing", () =>
  byHand(async ({ loop }) => {
    for (const wrong of [{}, null, "threads"])
      expect(() => loop.setDefaultExecutor(wrong as never)).toThrow(
        new TypeError("Cannot set default executor: it has no submit()"),
      );
    expect(() => loop.runInExecutor(null, () => {})).toThrow("there is none; call loop.setDefaultExecutor()");
  }));

test("test_base_events.py::BaseEventLoopTests.test_shutdown_default_executor_timeout: shutdownDefaultExecutor() warns when the executor does not end in time, and waits for it no longer", () =>
  byHand(async ({ loop }) => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => {}).mock.calls;
    const executor = new DummyExecutor();
    loop.setDefaultExecutor(executor);
    await loop.runUntilComplete(loop.shutdownDefaultExecutor(10));
    expect(loop.time()).toBe(10);
    expect(warned).toEqual([["The executor did not finishing joining its workers within 10 ms."]]);
    expect(executor.shutdowns).toEqual([{ wait: true }, { wait: false }]);
    expect(() => loop.runInExecutor(null, () => {})).toThrow(
      new RuntimeError("Cannot run in the default executor: it has been shut down"),
    );
  }));
