import { CancelledError, createTask, sleep, wait } from "tsyncio";
import { expect, test } from "vitest";
import { program } from "../../program.ts";

test("test_tasks.py::BaseTaskTests.test_sleep: sleep() ends after the time given, with the result given, and two sleeps in a row take the sum of their times", () =>
  program(async ({ loop, log }) => {
    const sleeper = async (delay: number, result: string) => {
      log.push(await sleep(delay / 2), loop.time());
      return await sleep(delay / 2, result);
    };
    const task = createTask(sleeper(100, "yeah"));
    log.push(await task, loop.time());
    expect(log).toEqual([undefined, 50, "yeah", 100]);
  }));

test("test_tasks.py::BaseTaskTests.test_sleep_when_delay_is_nan: sleep() refuses a delay that is NaN, and no timer is set", () =>
  program(async ({ loop }) => {
    const sleeper = async () => await sleep(NaN);
    const task = createTask(sleeper());
    await wait([task]);
    expect(task.exception()).toEqual(
      new RangeError('Cannot wait: the delay is NaN; pass milliseconds or a string such as "1.5s"'),
    );
    expect(loop.statistics().timers).toBe(0);
  }));

test("test_tasks.py::BaseTaskTests.test_sleep_cancel: cancelling a task that sleeps drops its timer at once", () =>
  program(async ({ loop, log }) => {
    const task = createTask(sleep("10s", "yeah"));
    log.push(loop.statistics().timers);
    await sleep(0);
    log.push(loop.statistics().timers);
    task.cancel();
    log.push(loop.statistics().timers);
    await sleep(0);
    expect(log).toEqual([0, 1, 0]);
    expect(() => task.result()).toThrow(CancelledError);
    expect(loop.time()).toBe(0);
  }));

test("test_tasks.py::SleepTests.test_sleep_zero: sleep(0) lets what was ready run once, and then gives its result", () =>
  program(async ({ loop, log }) => {
    loop.callSoon(() => {
      log.push("callback");
      loop.callSoon(() => log.push("callback of the callback"));
    });
    log.push("before");
    log.push(await sleep(0, 10));
    await sleep(0);
    expect(log).toEqual(["before", "callback", 10, "callback of the callback"]);
    expect(loop.time()).toBe(0);
  }));
