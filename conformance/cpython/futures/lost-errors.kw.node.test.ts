import { ContextVar, Future, createTask, sleep } from "tsyncio";
import { afterEach, expect, test, vi } from "vitest";
import { type Given, program, takeHeard } from "../../program.ts";
import { collectGarbage } from "../../../test/collect-garbage.ts";

afterEach(() => void vi.restoreAllMocks());

/** Has a future made that nobody holds, and waits until it is collected. */
async function abandon(make: () => Future): Promise<void> {
  const refs: WeakRef<Future>[] = [];
  (() => void refs.push(new WeakRef(make())))();
  await sleep(0);
  await collectGarbage(() => refs[0].deref() === undefined);
  expect(refs[0].deref()).toBe(undefined);
}

function failed(): Future<number> {
  const future = new Future<number>();
  future.setException(new RangeError("boom"));
  return future;
}

/** What the exception handler heard, when the reports have had their time. */
async function heardAfterwards(given: Given): Promise<string[]> {
  await collectGarbage(() => given.heard.length > 0);
  return takeHeard(given);
}

test("test_futures.py::BaseFutureTests.test_tb_logger_abandoned: a pending future that nobody holds is collected without a report", () =>
  program(async (given) => {
    await abandon(() => new Future());
    expect(await heardAfterwards(given)).toEqual([]);
  }));

test("test_futures.py::BaseFutureTests.test_tb_logger_not_called_after_cancel: an error is not reported once cancel() was called, though that comes too late to cancel", () =>
  program(async (given) => {
    await abandon(() => {
      const future = failed();
      given.log.push(future.cancel());
      return future;
    });
    expect(given.log).toEqual([false]);
    expect(await heardAfterwards(given)).toEqual([]);
  }));

test("test_futures.py::BaseFutureTests.test_tb_logger_result_unretrieved: a result that nobody reads is no loss", () =>
  program(async (given) => {
    await abandon(() => {
      const future = new Future<number>();
      future.setResult(42);
      return future;
    });
    expect(await heardAfterwards(given)).toEqual([]);
  }));

test("test_futures.py::BaseFutureTests.test_tb_logger_result_retrieved: a result that was read is not reported", () =>
  program(async (given) => {
    await abandon(() => {
      const future = new Future<number>();
      future.setResult(42);
      given.log.push(future.result());
      return future;
    });
    expect(given.log).toEqual([42]);
    expect(await heardAfterwards(given)).toEqual([]);
  }));

test("test_futures.py::BaseFutureTests.test_tb_logger_exception_unretrieved: an error that nobody has read is reported when its future is collected", () =>
  program(async (given) => {
    await abandon(failed);
    expect(await heardAfterwards(given)).toEqual(["Future exception was never retrieved: RangeError: boom"]);
    expect(await heardAfterwards(given)).toEqual([]);
  }));

test("test_futures.py::BaseFutureTests.test_tb_logger_exception_retrieved: an error that exception() gave is not reported", () =>
  program(async (given) => {
    await abandon(() => {
      const future = failed();
      given.log.push(String(future.exception()));
      return future;
    });
    expect(given.log).toEqual(["RangeError: boom"]);
    expect(await heardAfterwards(given)).toEqual([]);
  }));

test("test_futures.py::BaseFutureTests.test_tb_logger_exception_result_retrieved: an error that result() threw is not reported", () =>
  program(async (given) => {
    await abandon(() => {
      const future = failed();
      expect(() => future.result()).toThrow(new RangeError("boom"));
      given.log.push("read");
      return future;
    });
    expect(given.log).toEqual(["read"]);
    expect(await heardAfterwards(given)).toEqual([]);
  }));

test("test_futures.py::BaseFutureTests.test_log_traceback: an error that was read once counts as read for good, whatever else is done with its future", () =>
  program(async (given) => {
    await abandon(() => {
      const future = failed();
      future.exception();
      future.addDoneCallback((done) => given.log.push(String(done)));
      return future;
    });
    expect(given.log).toEqual(["<Future finished exception=RangeError: boom>"]);
    expect(await heardAfterwards(given)).toEqual([]);
  }));

/** Of a class of its own: its error is printed by default, with the message in one piece. */
async function printedFor(given: Given): Promise<unknown[][]> {
  const printed = vi.spyOn(console, "error").mockImplementation(() => {});
  class Answer extends Future<number> {}
  given.loop.setExceptionHandler(null);
  await abandon(() => {
    const future = new Answer();
    future.setException(new RangeError("boom"));
    return future;
  });
  await collectGarbage(() => printed.mock.calls.length > 0);
  return printed.mock.calls;
}

test("test_futures.py::BaseFutureTests.test_future_exception_never_retrieved: the report of a lost error names the class of its future, and is printed with the error unless there is a handler", () =>
  program(async (given) => {
    const printed = await printedFor(given);
    expect(printed).toEqual([["Answer exception was never retrieved", new RangeError("boom")]]);
  }));

test("test_futures.py::BaseFutureTests.test_future_exception_never_retrieved_debug: in debug mode the report of a lost error says where its future was made", () =>
  program(
    async (given) => {
      const printed = await printedFor(given);
      expect(printed.length).toBe(1);
      expect(printed[0][0]).toMatch(
        /^Answer exception was never retrieved\nmade at:\n +at .*lost-errors\.kw\.node\.test\.ts:\d+:\d+/,
      );
      expect(printed[0][1]).toEqual(new RangeError("boom"));
    },
    { debug: true },
  ));

test("test_futures2.py::FutureTests.test_task_exc_handler_correct_context: the exception handler is called in the context of the task that failed, be it collected already or held to the end", () => {
  const request = new ContextVar<string>("request", { default: "none" });
  const failing = async (name: string) => {
    request.set(name);
    throw new Error(name);
  };
  const heard: string[] = [];
  const held: unknown[] = [];
  return program(
    async ({ loop }) => {
      loop.setExceptionHandler((_, { exception }) => heard.push(`${String(exception)} in ${request.get()}`));
      await abandon(() => createTask(failing("collected")));
      await collectGarbage(() => heard.length > 0);
      expect(heard).toEqual(["Error: collected in collected"]);
      held.push(createTask(failing("held")));
      await sleep(0);
      expect(request.get()).toBe("none");
    },
    {
      afterwards: () => {
        expect(held.length).toBe(1);
        expect(heard).toEqual(["Error: collected in collected", "Error: held in held"]);
      },
    },
  );
});
