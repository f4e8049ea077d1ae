import { Handle, isCoroutine } from "tsyncio";
import { expect, test } from "vitest";
import { ExecutorInPlace } from "../../executor-in-place.ts";
import { byHand, runOnce } from "./loop-by-hand.ts";

test("test_base_events.py::BaseEventLoopTests.test_call_soon: callSoon() gives the handle of a callback that is ready and not called yet", () =>
  byHand(async ({ loop, log }) => {
    const handle = loop.callSoon(() => log.push("called"));
    expect(handle).toBeInstanceOf(Handle);
    expect(handle.cancelled()).toBe(false);
    expect(loop.statistics()).toMatchObject({ ready: 1, timers: 0 });
    expect(log).toEqual([]);
    await runOnce(loop);
    expect(log).toEqual(["called"]);
  }));

test("test_base_events.py::BaseEventLoopTests.test_call_soon_non_callable: callSoon() refuses what cannot be called", () =>
  byHand(async ({ loop }) => {
    expect(() => loop.callSoon(1 as never)).toThrow(
      new TypeError("Cannot callSoon(): expected a function, received 1"),
    );
    expect(loop.statistics().ready).toBe(0);
  }));

test("test_base_events.py::BaseEventLoopWithSelectorTests.test_call_coroutine: a coroutine cannot be scheduled as a callback, nor a coroutine function, which the call would not start; an executor takes the function", () =>
  byHand(async ({ loop, log }) => {
    const simple = async () => {
      log.push("ran");
      return "in the executor";
    };
    const co: unknown = simple();
    if (!isCoroutine(co)) throw new Error("expected a coroutine");
    const ways: Record<string, (callback: any) => unknown> = {
      callSoon: (callback) => loop.callSoon(callback),
      callSoonThreadsafe: (callback) => loop.callSoonThreadsafe(callback),
      callLater: (callback) => loop.callLater(60_000, callback),
      callAt: (callback) => loop.callAt(loop.time() + 60_000, callback),
    };
    for (const [name, way] of Object.entries(ways)) {
      const method = name === "callLater" ? "callAt" : name;
      expect(() => way(simple)).toThrow(
        new TypeError(
          `Cannot ${method}(): simple() is a coroutine function, which a plain call never starts; pass spawning(fn) or call createTask()`,
        ),
      );
      expect(() => way(co)).toThrow(
        new TypeError(`Cannot ${method}(): expected a function, received <Coroutine created name='simple'>`),
      );
    }
    expect(loop.statistics()).toMatchObject({ ready: 0, timers: 0 });

    const executor = new ExecutorInPlace();
    expect(() => loop.runInExecutor(executor, co as never)).toThrow(
      new TypeError("Cannot runInExecutor(): expected a function, received <Coroutine created name='simple'>"),
    );
    co.close();
    expect(log).toEqual([]);
    expect(await loop.runUntilComplete(loop.runInExecutor(executor, simple))).toBe("in the executor");
    expect(log).toEqual(["ran"]);
  }));
