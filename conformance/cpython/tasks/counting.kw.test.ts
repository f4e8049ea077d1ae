import { createTask, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { program } from "../../program.ts";

test("test_tasks.py::BaseTaskTests.test_uncancel_basic: uncancel() takes one request back, and a request that was not delivered yet is withdrawn with the last", () =>
  program(async ({ log }) => {
    const job = async () => {
      await sleep(0);
      log.push("went on");
    };
    const task = createTask(job());
    task.cancel("first");
    task.cancel("second");
    log.push(task.cancelling(), task.uncancel(), task.uncancel(), task.uncancel());
    await task;
    expect(log).toEqual([2, 1, 0, 0, "went on"]);
    expect(task.cancelled()).toBe(false);
  }));
