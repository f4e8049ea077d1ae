import { CancelledError, Event, Future, TimeoutError, createTask, currentTask, sleep, waitFor } from "tsyncio";
import { expect, test } from "vitest";
import { eitherStart } from "../../either-start.ts";
import { program } from "../../program.ts";
import { thrownBy } from "../../thrown-by.ts";
import { stubborn } from "./stubborn.ts";

test("test_waitfor.py::AsyncioWaitForTest.test_asyncio_wait_for_timeout: at the deadline waitFor() cancels what it awaits, and waits until that has ended, however long it takes", () =>
  program(async (given) => {
    expect(await waitFor(stubborn(given, 200), 100)).toBe("done");
    expect(given.log).toEqual(["cancelled at 100", "done at 200"]);
    expect(currentTask()!.cancelling()).toBe(0);
  }));

test("test_waitfor.py::AsyncioWaitForTest.test_wait_for_timeout_less_then_0_or_0_future_done: a future that is done gives its result without any time, and nothing runs in between", () =>
  program(async ({ loop, log }) => {
    const future = new Future<string>();
    future.setResult("done");
    loop.callSoon(() => log.push("next iteration"));
    for (const delay of [0, -1]) log.push(await waitFor(future, delay));
    await sleep(0);
    expect(log).toEqual(["done", "done", "next iteration"]);
    expect(future.result()).toBe("done");
  }));

test("test_waitfor.py::AsyncioWaitForTest.test_wait_for_timeout_less_then_0_or_0_coroutine_do_not_started: without any time a coroutine does not begin", () =>
  program(async ({ log }) => {
    const work = async () => void log.push("began");
    const error = (await thrownBy(waitFor(work(), 0))) as TimeoutError;
    expect(error).toBeInstanceOf(TimeoutError);
    expect([error.message, error.cause]).toEqual(["", expect.any(CancelledError)]);
    await sleep(1);
    expect(log).toEqual([]);
  }));

test("test_waitfor.py::AsyncioWaitForTest.test_wait_for_timeout_less_then_0_or_0: without any time a task that runs is cancelled, and has ended when TimeoutError is thrown", () =>
  eitherStart(async ({ log }) => {
    for (const delay of [0, -1]) {
      const begun = new Event();
      const work = async () => {
        begun.set();
        try {
          await sleep(10_000);
        } finally {
          log.push("cleaned up");
        }
        return "done";
      };
      const task = createTask(work());
      await begun.wait();
      expect(await thrownBy(waitFor(task, delay))).toBeInstanceOf(TimeoutError);
      expect([task.cancelled(), log.splice(0)]).toEqual([true, ["cleaned up"]]);
    }
  }));

test("test_waitfor.py::AsyncioWaitForTest.test_wait_for: a task that takes longer than its time is cancelled, and has ended when TimeoutError is thrown", () =>
  eitherStart(async ({ loop, log }) => {
    const work = async () => {
      log.push("began");
      try {
        await sleep("1h");
      } finally {
        log.push(`cleaned up at ${loop.time()}`);
      }
      return "done";
    };
    const task = createTask(work());
    expect(await thrownBy(waitFor(task, 100))).toBeInstanceOf(TimeoutError);
    expect(task.cancelled()).toBe(true);
    expect(log).toEqual(["began", "cleaned up at 100"]);
    expect(currentTask()!.cancelling()).toBe(0);
  }));

test("test_waitfor.py::AsyncioWaitForTest.test_wait_for_blocking: waitFor(x, null) awaits x in the current task, for as long as it takes", () =>
  program(async ({ loop, log }) => {
    const caller = currentTask();
    const work = async () => {
      log.push(currentTask() === caller, loop.statistics().timers);
      await sleep("10h");
      return "done";
    };
    expect(await waitFor(work(), null)).toBe("done");
    expect(log).toEqual([true, 0]);
    expect(loop.time()).toBe(36_000_000);
  }));

test("test_waitfor.py::AsyncioWaitForTest.test_wait_for_race_condition: a future that gets its result in the first iteration gives it, and the timer is dropped", () =>
  program(async ({ loop }) => {
    const future = new Future<string>();
    const waiting = waitFor(future, 200);
    loop.callSoon(() => future.setResult("ok"));
    expect(await waiting).toBe("ok");
    expect([loop.time(), loop.statistics().timers]).toEqual([0, 0]);
  }));

test("test_waitfor.py::AsyncioWaitForTest.test_wait_for_cancellation_race_condition: a coroutine that swallows the cancellation at the deadline gives its value, and no TimeoutError is thrown", () =>
  program(async ({ loop, log }) => {
    const work = async () => {
      log.push(await thrownBy(sleep(1000)));
      return 1;
    };
    expect(await waitFor(work(), 10)).toBe(1);
    expect(log).toEqual([expect.any(CancelledError)]);
    await sleep(1);
    expect([loop.time(), currentTask()!.cancelling()]).toEqual([11, 0]);
  }));

/** Begins a task that is slow to end when it is cancelled, and waits for it with `delay`. */
async function waitForSlowCleanup(log: unknown[], delay: number) {
  const work = async () => {
    try {
      await sleep(10_000);
    } catch (error) {
      await sleep(50);
      throw error;
    } finally {
      log.push("ended");
    }
  };
  const task = createTask(work());
  await sleep(1);
  const error = (await thrownBy(waitFor(task, delay))) as TimeoutError;
  log.push(error.name, (error.cause as Error).name);
}

test("test_waitfor.py::AsyncioWaitForTest.test_wait_for_waits_for_task_cancellation: TimeoutError comes after the cleanup of the task that was cancelled, and its cause is the CancelledError of the task", () =>
  eitherStart(async ({ loop, log }) => {
    await waitForSlowCleanup(log, 10);
    expect(log).toEqual(["ended", "TimeoutError", "CancelledError"]);
    expect(loop.time()).toBe(61);
  }));

test("test_waitfor.py::AsyncioWaitForTest.test_wait_for_waits_for_task_cancellation_w_timeout_0: the cleanup of the task is waited for without any time too", () =>
  eitherStart(async ({ loop, log }) => {
    await waitForSlowCleanup(log, 0);
    expect(log).toEqual(["ended", "TimeoutError", "CancelledError"]);
    expect(loop.time()).toBe(51);
  }));

test("test_waitfor.py::AsyncioWaitForTest.test_wait_for_reraises_exception_during_cancellation: an error that the task throws when it is cancelled at the deadline is thrown in place of TimeoutError", () =>
  eitherStart(async () => {
    for (const delay of [10, 0]) {
      const broken = new RangeError("in cleanup");
      const work = async () => {
        try {
          await sleep(200);
        } finally {
          // oxlint-disable-next-line no-unsafe-finally -- that is what is tested
          throw broken;
        }
      };
      const task = createTask(work());
      await sleep(1);
      expect(await thrownBy(waitFor(task, delay))).toBe(broken);
      expect(task.exception()).toBe(broken);
    }
  }));

test("test_waitfor.py::AsyncioWaitForTest.test_wait_for_cancel_suppressed: a value that is returned from the handler of the cancellation is the result, with some time and without any", () =>
  eitherStart(async () => {
    for (const delay of [100, 0]) {
      const work = async () => {
        try {
          await sleep(10_000);
          return "undisturbed";
        } catch {
          return "saved";
        }
      };
      const task = createTask(work());
      await sleep(1);
      expect(await waitFor(task, delay)).toBe("saved");
      expect([task.cancelled(), currentTask()!.cancelling()]).toEqual([false, 0]);
    }
  }));
