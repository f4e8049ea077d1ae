import { CancelledError, Future, createTask, sleep, wait, waitFor } from "tsyncio";
import { expect, test } from "vitest";
import { eitherStart } from "../../either-start.ts";
import { thrownBy } from "../../thrown-by.ts";
import { stubborn } from "./stubborn.ts";

test("test_waitfor.py::AsyncioWaitForTest.test_asyncio_wait_for_cancelled: a cancelled waitFor() waits until what it awaits has ended", () =>
  eitherStart(async (given) => {
    const waiting = createTask(waitFor(stubborn(given, 200), 400));
    await sleep(0);
    waiting.cancel();
    const [done] = await wait([waiting]);
    expect(given.log).toEqual(["cancelled at 0", "done at 200"]);
    expect([...done]).toEqual([waiting]);
    expect(waiting.result()).toBe("done");
  }));

/** Cancels a task that waits for another with `delay`; gives both. */
async function cancelWaiting(delay: number | null) {
  const blocked = createTask((async () => await new Future<void>())());
  const waiting = createTask(waitFor(blocked, delay));
  waiting.getLoop().callSoon(() => waiting.cancel("stop"));
  const error = (await thrownBy(waiting)) as Error;
  expect(error).toBeInstanceOf(CancelledError);
  expect(error.message).toBe("stop");
  return [waiting.cancelled(), blocked.cancelled()];
}

test("test_waitfor.py::AsyncioWaitForTest.test_cancel_blocking_wait_for: cancelling a waitFor() without a limit cancels the task that it awaits", () =>
  eitherStart(async () => {
    expect(await cancelWaiting(null)).toEqual([true, true]);
  }));

test("test_waitfor.py::AsyncioWaitForTest.test_cancel_wait_for: cancelling a waitFor() before its deadline cancels the task that it awaits, and drops the timer", () =>
  eitherStart(async ({ loop }) => {
    expect(await cancelWaiting(60_000)).toEqual([true, true]);
    expect(loop.statistics().timers).toBe(0);
  }));

test("test_waitfor.py::AsyncioWaitForTest.test_wait_for_issue86296: a cancellation that comes in the iteration in which the awaited task ends is not lost, and the task keeps its result", () =>
  eitherStart(async ({ loop, log }) => {
    const instant = async () => "done";
    for (const [co, seen] of [
      [instant(), ["went on"]],
      [sleep(0, "done"), []],
    ] as const) {
      const inner = createTask(co);
      const work = async () => {
        await waitFor(inner, 100);
        log.push("went on");
        await sleep(1000);
        log.push("reached the end");
      };
      const task = createTask(work());
      do await sleep(0);
      while (!inner.done());
      expect([task.done(), task.cancel()]).toEqual([false, true]);
      expect(await thrownBy(task)).toBeInstanceOf(CancelledError);
      expect([inner.result(), task.cancelled(), loop.time()]).toEqual(["done", true, 0]);
      expect(log.splice(0)).toEqual(seen);
    }
  }));
