import { TimeoutError, createTask, shield, sleep, waitFor } from "tsyncio";
import { expect, test } from "vitest";
import { eitherStart } from "../../either-start.ts";
import { thrownBy } from "../../thrown-by.ts";

test("test_waitfor.py::WaitForShieldTests.test_zero_timeout: without any time the shield around a task is cancelled, and the task goes on", () =>
  eitherStart(async () => {
    const task = createTask(sleep(10, "done"));
    const shielded = shield(task);
    expect(await thrownBy(waitFor(shielded, 0))).toBeInstanceOf(TimeoutError);
    expect([shielded.cancelled(), task.done()]).toEqual([true, false]);
    await sleep(100);
    expect(task.result()).toBe("done");
  }));

test("test_waitfor.py::WaitForShieldTests.test_none_timeout: without a limit waitFor() gives the result of the task in the shield", () =>
  eitherStart(async ({ loop }) => {
    const task = createTask(sleep(100, "done"));
    expect(await waitFor(shield(task), null)).toBe("done");
    expect([task.result(), loop.time()]).toEqual(["done", 100]);
  }));

test("test_waitfor.py::WaitForShieldTests.test_shielded_timeout: at the deadline a task in a shield is not cancelled, and can be awaited after that", () =>
  eitherStart(async ({ loop }) => {
    const task = createTask(sleep(100, "done"));
    expect(await thrownBy(waitFor(shield(task), 10))).toBeInstanceOf(TimeoutError);
    expect([task.done(), task.cancelling(), loop.time()]).toEqual([false, 0, 10]);
    expect(await task).toBe("done");
    expect(loop.time()).toBe(100);
  }));
