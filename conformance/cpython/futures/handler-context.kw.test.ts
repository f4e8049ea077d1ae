import { ContextVar, Future, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { program } from "../../program.ts";

test("test_futures2.py::FutureTests.test_handle_exc_handler_correct_context: the exception handler is called in the context of the callback that failed, and sees what that has set", () =>
  program(async ({ loop, log }) => {
    const name = new ContextVar<string>("name", { default: "foo" });
    loop.setExceptionHandler((_, { message }) => log.push([message, name.get()]));
    const failing = () => {
      name.set("bar");
      throw new Error("boom");
    };
    const future = new Future<void>();
    future.addDoneCallback(failing);
    future.setResult();
    loop.callSoon(failing);
    loop.callLater(1, failing);
    await sleep(2);
    expect(log.map(String)).toEqual(Array(3).fill("Exception in callback failing(),bar"));
    expect(name.get()).toBe("foo");
  }));
