import { CancelledError, Future, createTask, currentTask, getRunningLoop, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { eitherStart } from "../../either-start.ts";
import { program } from "../../program.ts";
import { thrownBy } from "../../thrown-by.ts";

test("test_tasks.py::BaseTaskTests.test_cancelling: cancelling() counts the requests of a task that is still to end, and its text says so", () =>
  eitherStart(async () => {
    const task = createTask(sleep("10s"), { name: "T" });
    expect(task.cancelling()).toBe(0);
    expect(String(task)).toBe("<Task pending name='T' coro=sleep()>");
    expect(task.cancel()).toBe(true);
    expect(task.cancelling()).toBe(1);
    expect(String(task)).toBe("<Task cancelling name='T' coro=sleep()>");
    expect(task.cancel()).toBe(true);
    expect(task.cancelling()).toBe(2);
    expect(await thrownBy(task)).toBeInstanceOf(CancelledError);
    expect([String(task), task.cancel(), task.cancelling()]).toEqual(["<Task cancelled name='T'>", false, 2]);
  }));

test("test_tasks.py::BaseTaskTests.test_uncancel_basic: uncancel() takes back a request that was caught, so that the task counts as pending and can be cancelled anew", () =>
  eitherStart(async ({ log }) => {
    const job = async () => {
      try {
        await sleep("10s");
      } catch (error) {
        log.push(error instanceof CancelledError, currentTask()!.uncancel());
        await sleep("10s");
      }
    };
    const task = createTask(job(), { name: "T" });
    await sleep(10);

    expect(task.cancel()).toBe(true);
    expect(String(task)).toBe("<Task cancelling name='T' coro=job()>");
    expect([task.cancelling(), task.cancelled()]).toEqual([1, false]);
    await sleep(10);
    expect(log).toEqual([true, 0]);
    expect(String(task)).toBe("<Task pending name='T' coro=job()>");
    expect([task.cancelling(), task.cancelled()]).toEqual([0, false]);

    expect(task.cancel()).toBe(true);
    expect([task.cancelling(), task.cancelled()]).toEqual([1, false]);
    expect(await thrownBy(task)).toBeInstanceOf(CancelledError);
    expect([task.cancelled(), task.done()]).toEqual([true, true]);

    expect(task.uncancel()).toBe(0);
    expect([task.cancelled(), task.done()]).toEqual([true, true]);
  }));

test("test_tasks.py::BaseTaskTests.test_uncancel_resets_must_cancel: a cancellation that was not delivered yet is withdrawn when uncancel() comes to nought", () =>
  eitherStart(async ({ log }) => {
    const future = new Future<string>();
    const job = async () => {
      log.push(await future);
      return 42;
    };
    const task = createTask(job());
    await sleep(0);
    future.setResult("the future's");
    task.cancel();
    expect([task.cancelling(), task.uncancel(), task.cancelling()]).toEqual([1, 0, 0]);
    expect(await task).toBe(42);
    expect(log).toEqual(["the future's"]);

    const fresh = createTask(sleep(0, "began"));
    fresh.cancel("first");
    fresh.cancel("second");
    expect([fresh.uncancel(), fresh.uncancel(), fresh.uncancel()]).toEqual([1, 0, 0]);
    expect(await fresh).toBe("began");
  }));

/** A time limit made by hand, as `timeout()` does it: it takes back its own request and no other. */
async function requestWithin(limit: number, duration: number) {
  const task = currentTask()!;
  const outcome = { timedOut: false, blockEnded: false, wentOn: false };
  const timer = getRunningLoop().callLater(limit, () => {
    outcome.timedOut = true;
    task.cancel();
  });
  try {
    await sleep(duration);
    outcome.blockEnded = true;
  } catch (error) {
    if (!(outcome.timedOut && task.uncancel() === 0 && error instanceof CancelledError)) throw error;
  } finally {
    timer.cancel();
  }
  await sleep(0);
  outcome.wentOn = true;
  return outcome;
}

test("test_tasks.py::BaseTaskTests.test_uncancel_structured_blocks: a block that takes back its own request ends alone, and the code around it goes on uncancelled", () =>
  program(async ({ loop }) => {
    const late = createTask(requestWithin(100, 10_000));
    expect(await late).toEqual({ timedOut: true, blockEnded: false, wentOn: true });
    expect([late.cancelling(), loop.time()]).toEqual([0, 100]);

    const inTime = createTask(requestWithin(10_000, 0));
    expect(await inTime).toEqual({ timedOut: false, blockEnded: true, wentOn: true });
    expect(inTime.cancelling()).toBe(0);

    // Somebody else's request is not taken for that of the block.
    const both = createTask(requestWithin(100, 10_000));
    loop.callLater(100, () => both.cancel("from outside"));
    expect(await thrownBy(both)).toBeInstanceOf(CancelledError);
    expect([both.cancelled(), both.cancelling()]).toEqual([true, 1]);
  }));
