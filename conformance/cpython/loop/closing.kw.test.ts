import { RuntimeError, isCoroutine } from "tsyncio";
import { expect, test } from "vitest";
import { errorOf } from "../../program.ts";
import { byHand } from "./loop-by-hand.ts";

const closed = new RuntimeError("Cannot use the event loop: it is closed");

test("test_base_events.py::BaseEventLoopTests.test_close: a loop is closed for good, closing it again does nothing, and it does not run any more", () =>
  byHand(async ({ loop }) => {
    expect(loop.isClosed()).toBe(false);
    for (let i = 0; i < 3; i++) {
      loop.close();
      expect(loop.isClosed()).toBe(true);
    }
    const future = loop.createFuture();
    expect(await errorOf(loop.runForever())).toEqual(closed);
    expect(await errorOf(loop.runUntilComplete(future))).toEqual(closed);
    expect(future.done()).toBe(false);
  }));

test("test_events.py::EventLoopTestsMixin.test_close: a closed loop drops what it was to do, and takes neither callbacks nor tasks nor work for an executor", () =>
  byHand(async ({ loop, log }) => {
    loop.callSoon(() => log.push("dropped"));
    loop.callLater(1, () => log.push("dropped"));
    loop.close();
    expect(loop.statistics()).toMatchObject({ ready: 0, timers: 0 });
    const callback = () => log.push("called");
    const co: unknown = (async () => log.push("ran"))();
    if (!isCoroutine(co)) throw new Error("expected a coroutine");
    const uses = [
      () => loop.callSoon(callback),
      () => loop.callSoonThreadsafe(callback),
      () => loop.callLater(1000, callback),
      () => loop.callAt(loop.time(), callback),
      () => loop.createTask(co),
      () => loop.runInExecutor(null, callback),
    ];
    for (const use of uses) expect(use).toThrow(closed);
    expect(await errorOf(loop.runForever())).toEqual(closed);
    expect(await errorOf(loop.runUntilComplete(loop.createFuture()))).toEqual(closed);
    expect(co.state).toBe("created");
    co.close();
    expect(log).toEqual([]);
  }));

test("test_events.py::EventLoopTestsMixin.test_close_running_event_loop: a running loop cannot be closed", () =>
  byHand(async ({ loop, log }) => {
    const closing = async () => {
      try {
        loop.close();
      } finally {
        log.push("in the coroutine");
      }
    };
    expect(await errorOf(loop.runUntilComplete(closing()))).toEqual(
      new RuntimeError("Cannot close the event loop: it is running; stop it first"),
    );
    expect([log, loop.isClosed()]).toEqual([["in the coroutine"], false]);
  }));
