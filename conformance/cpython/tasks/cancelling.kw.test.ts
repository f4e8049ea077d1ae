import {
  CancelledError,
  Future,
  KeyboardInterrupt,
  type Task,
  createTask,
  currentTask,
  newEventLoop,
  sleep,
} from "tsyncio";
import { expect, test } from "vitest";
import { VirtualHost } from "../../../test/virtual-host.ts";
import { eitherStart } from "../../either-start.ts";
import { program } from "../../program.ts";
import { thrownBy } from "../../thrown-by.ts";
import { waiters } from "./waiters.ts";

/** Waits until the task is cancelled, and sees that the cancellation is final. */
async function endsCancelled(task: Task): Promise<void> {
  expect(await thrownBy(task)).toBeInstanceOf(CancelledError);
  expect([task.done(), task.cancelled(), task.cancel()]).toEqual([true, true, false]);
}

test("test_tasks.py::BaseTaskTests.test_cancel: a cancelled sleep ends at once, its timer is dropped, and the task cannot be cancelled twice", () =>
  eitherStart(async ({ loop, log }) => {
    const job = async () => {
      await sleep("10s");
      log.push("slept");
      return 12;
    };
    const task = createTask(job());
    await sleep(0);
    expect(loop.statistics().timers).toBe(1);
    loop.callSoon(() => task.cancel());
    await endsCancelled(task);
    expect([log, loop.time(), loop.statistics().timers]).toEqual([[], 0, 0]);
  }));

test("test_tasks.py::BaseTaskTests.test_cancel_yield: a task that only gives way is cancelled at that point", () =>
  eitherStart(async ({ log }) => {
    const job = async () => {
      log.push("began");
      await sleep(0);
      log.push("went on");
      await sleep(0);
      return 12;
    };
    const task = createTask(job());
    if (log.length === 0) await sleep(0);
    task.cancel();
    await endsCancelled(task);
    expect(log).toEqual(["began"]);
  }));

test("test_tasks.py::BaseTaskTests.test_cancel_inner_future: cancelling the future that a task waits for cancels the task", () =>
  eitherStart(async ({ log }) => {
    const future = new Future<void>();
    const job = async () => {
      await future;
      log.push("went on");
    };
    const task = createTask(job());
    await sleep(0);
    future.cancel();
    await endsCancelled(task);
    expect([future.cancelled(), task.cancelling(), log]).toEqual([true, 0, []]);
  }));

test("test_tasks.py::BaseTaskTests.test_cancel_both_task_and_inner_future: a task whose future was cancelled already can be cancelled too, and ends as cancelled", () =>
  eitherStart(async ({ log }) => {
    const future = new Future<void>();
    const job = async () => {
      await future;
      log.push("went on");
    };
    const task = createTask(job());
    await sleep(0);
    expect([future.cancel(), task.cancel()]).toEqual([true, true]);
    await endsCancelled(task);
    expect([future.cancelled(), task.cancelling(), log]).toEqual([true, 1, []]);
  }));

test("test_tasks.py::BaseTaskTests.test_cancel_task_catching: a task that catches its cancellation and returns is not cancelled; the future that it waited for is", () =>
  eitherStart(async () => {
    const [first, second] = [new Future<void>(), new Future<void>()];
    const job = async () => {
      await first;
      try {
        await second;
      } catch (error) {
        if (!(error instanceof CancelledError)) throw error;
        return 42;
      }
      return 0;
    };
    const task = createTask(job(), { name: "T" });
    await sleep(0);
    expect([waiters(first), waiters(second)]).toEqual([["T"], []]);
    first.setResult();
    await sleep(0);
    expect([waiters(first), waiters(second)]).toEqual([[], ["T"]]);
    task.cancel();
    expect(second.cancelled()).toBe(true);
    expect(await task).toBe(42);
    expect([task.cancelled(), task.cancelling()]).toEqual([false, 1]);
  }));

test("test_tasks.py::BaseTaskTests.test_cancel_task_ignoring: a task that ignores its cancellation goes on, and its later waits are not cancelled", () =>
  eitherStart(async () => {
    const [first, second, third] = [new Future<void>(), new Future<void>(), new Future<number>()];
    const job = async () => {
      await first;
      await thrownBy(second);
      return await third;
    };
    const task = createTask(job(), { name: "T" });
    await sleep(0);
    expect(waiters(first)).toEqual(["T"]);
    first.setResult();
    await sleep(0);
    expect(waiters(second)).toEqual(["T"]);
    task.cancel();
    expect(second.cancelled()).toBe(true);
    await sleep(0);
    expect(waiters(third)).toEqual(["T"]);
    third.setResult(42);
    expect(await task).toBe(42);
    expect([third.cancelled(), task.cancelled()]).toEqual([false, false]);
  }));

test("test_tasks.py::BaseTaskTests.test_cancel_current_task: a task that cancels itself is stopped at its next wait", () =>
  eitherStart(async ({ log, loop }) => {
    const job = async () => {
      log.push(currentTask()!.cancel(), currentTask()!.cancelling(), currentTask()!.cancelled());
      await sleep("100s");
      log.push("slept");
    };
    const task = createTask(job());
    expect(task.cancelled()).toBe(false);
    await endsCancelled(task);
    expect([log, loop.time()]).toEqual([[true, 1, false], 0]);
  }));

test("test_tasks.py::BaseTaskTests.test_cancel_at_end: a task that cancels itself and then returns is cancelled", () =>
  eitherStart(async ({ log }) => {
    const job = async () => {
      log.push(currentTask()!.cancel());
      return 12;
    };
    const task = createTask(job());
    await endsCancelled(task);
    expect(log).toEqual([true]);
  }));

test("test_tasks.py::BaseTaskTests.test_cancel_awaited_task: a task that has cancelled itself hands that on to the task that it awaits next, and to what that one waits for", () =>
  eitherStart(async () => {
    const future = new Future<void>();
    const nested: Task[] = [];
    const job = async () => {
      nested.push(createTask((async () => await future)()));
      await sleep(0);
      currentTask()!.cancel();
      await nested[0];
    };
    const task = createTask(job());
    await endsCancelled(task);
    await endsCancelled(nested[0]);
    expect(future.cancelled()).toBe(true);
  }));

test("test_tasks.py::BaseTaskTests.test_task_cancel_sleeping_task: who awaits a task that is cancelled by a timer gets the error at that time", () =>
  eitherStart(async ({ loop }) => {
    const job = async () => {
      const sleeper = createTask(sleep("5000s"));
      loop.callLater(100, () => sleeper.cancel());
      try {
        await sleeper;
      } catch (error) {
        if (error instanceof CancelledError) return "cancelled";
      }
      return "slept in";
    };
    expect(await createTask(job())).toBe("cancelled");
    expect(loop.time()).toBe(100);
  }));

test("test_tasks.py::BaseTaskTests.test_task_cancel_waiter_future: cancelling a task cancels the future that it waits for, and it waits for it no longer", () =>
  eitherStart(async () => {
    const future = new Future<void>();
    const task = createTask((async () => await future)(), { name: "T" });
    await sleep(0);
    expect(waiters(future)).toEqual(["T"]);
    task.cancel();
    expect([future.cancelled(), waiters(future), task.done()]).toEqual([true, [], false]);
    await endsCancelled(task);
  }));

test("test_tasks.py::BaseTaskTests.test_yield_future_passes_cancel: a cancellation strikes the innermost coroutine first and then those around it, which may catch it", () =>
  eitherStart(async ({ log }) => {
    const future = new Future<void>();
    const inner = async () => {
      try {
        await future;
        log.push("got past the future");
      } catch (error) {
        log.push("inner");
        throw error;
      }
    };
    const outer = async () => {
      try {
        await inner();
        log.push("got past inner()");
      } catch (error) {
        log.push(error instanceof CancelledError ? "outer" : error);
      }
    };
    const task = createTask(outer());
    await sleep(0);
    task.cancel();
    await task;
    expect([log, future.cancelled(), task.cancelled()]).toEqual([["inner", "outer"], true, false]);
  }));

test("test_tasks.py::BaseTaskTests.test_baseexception_during_cancel: a KeyboardInterrupt that a task throws when it is cancelled ends the run of the loop, and is the task's error", () =>
  program(async ({ log }) => {
    const interrupt = new KeyboardInterrupt("at the cleanup");
    const job = async () => {
      try {
        await sleep("10s");
      } catch (error) {
        log.push(error instanceof CancelledError);
        throw interrupt;
      }
    };
    const loop = newEventLoop({ host: new VirtualHost() });
    const task = loop.createTask(job());
    await loop.runUntilComplete(sleep(0));
    task.cancel();
    expect(task.done()).toBe(false);
    expect(await thrownBy(loop.runUntilComplete(sleep(1)))).toBe(interrupt);
    expect([log, task.done(), task.cancelled(), task.exception()]).toEqual([[true], true, false, interrupt]);
    loop.close();
  }));
