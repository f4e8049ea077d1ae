import { EventLoop, type ExceptionContext, Handle } from "tsyncio";
import { afterEach, expect, test, vi } from "vitest";
import { byHand, runOnce } from "./loop-by-hand.ts";

afterEach(() => void vi.restoreAllMocks());

/** What is printed to stderr from now on. */
function printed(): unknown[][] {
  return vi.spyOn(console, "error").mockImplementation(() => {}).mock.calls;
}

const boom = new RangeError("boom");

function failing(): never {
  throw boom;
}

test("test_base_events.py::BaseEventLoopTests.test_default_exc_handler_callback: an error of a callback or of a timer is printed by default, with the name of the function", () =>
  byHand(async ({ loop }) => {
    const lines = printed();
    loop.setExceptionHandler(null);
    const scheduled = [(fn: () => void) => loop.callSoon(fn), (fn: () => void) => loop.callLater(10, fn)];
    for (const schedule of scheduled) {
      const future = loop.createFuture<boolean>();
      future.addDoneCallback(() => loop.stop());
      schedule(function failingLate() {
        future.setResult(true);
        failing();
      });
      await loop.runForever();
    }
    expect(lines).toEqual([
      ["Exception in callback failingLate()\nhandle: <Handle failingLate()>", boom],
      ["Exception in callback failingLate()\nhandle: <TimerHandle when=10 failingLate()>", boom],
    ]);
  }));

test("test_base_events.py::BaseEventLoopTests.test_set_exc_handler_invalid: the exception handler is a function or null", () =>
  byHand(async ({ loop }) => {
    const before = loop.getExceptionHandler();
    expect(() => loop.setExceptionHandler("spam" as never)).toThrow(
      new TypeError("Cannot set exception handler: expected a function or null, received spam"),
    );
    expect(loop.getExceptionHandler()).toBe(before);
  }));

test("test_base_events.py::BaseEventLoopTests.test_set_exc_handler_custom: a handler of one's own hears what failed, with which error and, in debug mode, where it was scheduled; null brings the default back", () =>
  byHand(async ({ loop, log }) => {
    const lines = printed();
    loop.setExceptionHandler(null);
    expect(loop.getExceptionHandler()).toBe(null);
    const handler = (...args: unknown[]) => void log.push(args);
    loop.setExceptionHandler(handler);
    expect(loop.getExceptionHandler()).toBe(handler);
    loop.setDebug(true);
    const handle = loop.callSoon(failing);
    loop.setDebug(false);
    await runOnce(loop);
    expect(handle).toBeInstanceOf(Handle);
    expect(log).toEqual([
      [
        loop,
        {
          message: "Exception in callback failing()",
          exception: boom,
          handle,
          sourceTraceback: expect.stringContaining("exception-handler.kw.test.ts"),
        },
      ],
    ]);
    expect(lines).toEqual([]);

    loop.setExceptionHandler(null);
    loop.callSoon(failing);
    await runOnce(loop);
    expect(lines).toEqual([["Exception in callback failing()\nhandle: <Handle failing()>", boom]]);
    expect(log.length).toBe(1);
  }));

test("test_base_events.py::BaseEventLoopTests.test_set_exc_handler_broken: a handler that fails itself is printed with its error, and with what it was told", () =>
  byHand(async ({ loop, log }) => {
    const lines = printed();
    loop.setExceptionHandler(() => {
      throw new TypeError("spam");
    });
    loop.callSoon(failing);
    loop.callSoon(() => log.push("the loop goes on"));
    await runOnce(loop);
    expect(lines).toEqual([
      [
        "Unhandled error in exception handler\ncontext: Exception in callback failing(): RangeError: boom",
        new TypeError("spam"),
      ],
    ]);
    expect(log).toEqual(["the loop goes on"]);
  }));

class LoopWithFaultyDefault extends EventLoop {
  readonly told: ExceptionContext[] = [];

  override defaultExceptionHandler(context: ExceptionContext): void {
    this.told.push(context);
    throw new SyntaxError("of the default handler");
  }
}

test("test_base_events.py::BaseEventLoopTests.test_default_exc_handler_broken: a subclass may replace the default handler, and one that fails is printed, whoever called it", () =>
  byHand(
    async (given) => {
      const loop = given.loop as LoopWithFaultyDefault;
      const lines = printed();
      loop.setExceptionHandler(null);
      loop.callSoon(failing);
      await runOnce(loop);
      expect(lines).toEqual([["Exception in default exception handler", new SyntaxError("of the default handler")]]);
      expect(loop.told).toMatchObject([{ message: "Exception in callback failing()", exception: boom }]);

      loop.setExceptionHandler(() => {
        throw new TypeError("ham");
      });
      loop.callSoon(failing);
      await runOnce(loop);
      expect(lines[1]).toEqual([
        "Exception in default exception handler while handling an unexpected error in custom exception handler",
        new SyntaxError("of the default handler"),
      ]);
      expect(loop.told[1]).toMatchObject({
        message: "Unhandled error in exception handler",
        exception: new TypeError("ham"),
        context: { message: "Exception in callback failing()", exception: boom },
      });
    },
    () => new LoopWithFaultyDefault(),
  ));
