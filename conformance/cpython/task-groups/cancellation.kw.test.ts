import { CancelledError, Event, type Task, createTask, currentTask, sleep, taskGroup } from "tsyncio";
import { expect, test } from "vitest";
import { eitherStart } from "../../either-start.ts";
import type { Given } from "../../program.ts";
import { thrownBy } from "../../thrown-by.ts";
import { failAfter, failInCleanup } from "./failing.ts";
import { members } from "./members.ts";

async function watch({ log, loop }: Given, name: string) {
  try {
    await sleep("1h");
    log.push(`${name} went on`);
  } finally {
    log.push(`${name} stops at ${loop.time()}`);
  }
}

/** Passes the cancellation on, half a second later. */
async function stopSlowly() {
  try {
    await sleep("1h");
  } catch (error) {
    await sleep(500);
    throw error;
  }
}

test("test_taskgroups.py::TestTaskGroup.test_cancellation: cancelling a task that waits for its group cancels every task in it, waits for them, and throws CancelledError", () =>
  eitherStart(async (given) => {
    const parent = createTask(
      taskGroup(async (tg) => {
        for (const name of ["a", "b", "c"]) tg.createTask(watch(given, name));
      }),
    );
    await sleep(100);
    expect(parent.done()).toBe(false);
    parent.cancel("enough");
    const error = (await thrownBy(parent)) as Error;
    expect(error).toBeInstanceOf(CancelledError);
    expect([error.message, parent.cancelled()]).toEqual(["enough", true]);
    expect(given.log).toEqual(["a stops at 100", "b stops at 100", "c stops at 100"]);
  }));

test("test_taskgroups.py::TestTaskGroup.test_taskgroup_07: cancelling a task whose body waits cancels the body first, then the tasks of the group, and throws CancelledError", () =>
  eitherStart(async (given) => {
    const parent = createTask(
      taskGroup(async (tg) => {
        for (const name of ["a", "b", "c"]) tg.createTask(watch(given, name));
        await watch(given, "body");
      }),
    );
    await sleep(100);
    expect(parent.done()).toBe(false);
    parent.cancel("enough");
    const error = (await thrownBy(parent)) as Error;
    expect(error).toBeInstanceOf(CancelledError);
    expect([error.message, parent.cancelled()]).toEqual(["enough", true]);
    expect(given.log).toEqual(["body stops at 100", "a stops at 100", "b stops at 100", "c stops at 100"]);
  }));

test("test_taskgroups.py::TestTaskGroup.test_taskgroup_08: when the tasks of a cancelled group fail in their cleanup, their errors are thrown and not the CancelledError", () =>
  eitherStart(async () => {
    const parent = createTask(
      taskGroup(async (tg) => {
        for (const name of ["a", "b", "c"]) tg.createTask(failInCleanup(new RangeError(name)));
        await sleep("1h");
      }),
    );
    await sleep(100);
    expect(parent.done()).toBe(false);
    parent.cancel();
    expect(members(await thrownBy(parent))).toEqual(["RangeError: a", "RangeError: b", "RangeError: c"]);
    expect([parent.cancelled(), parent.cancelling()]).toEqual([false, 1]);
  }));

test("test_taskgroups.py::TestTaskGroup.test_taskgroup_15: when a task fails while a cancelled body is still cleaning up, the error is thrown and not the CancelledError", () =>
  eitherStart(async ({ loop }) => {
    const parent = createTask(
      taskGroup(async (tg) => {
        tg.createTask(failAfter(300, new RangeError("broken")));
        await stopSlowly();
      }),
    );
    await sleep(100);
    expect(parent.done()).toBe(false);
    parent.cancel();
    expect(members(await thrownBy(parent))).toEqual(["RangeError: broken"]);
    // At 300 the group cancels its body once more, which ends the slow cleanup.
    expect([loop.time(), parent.cancelled(), parent.cancelling()]).toEqual([300, false, 1]);
  }));

test("test_taskgroups.py::TestTaskGroup.test_taskgroup_16: a cancellation that reaches a group through a task that awaits it comes back as the error with which the group ends", () =>
  eitherStart(async ({ loop }) => {
    const inner = createTask(
      taskGroup(async (tg) => {
        tg.createTask(failAfter(300, new RangeError("broken")));
        await stopSlowly();
      }),
    );
    const outer = createTask((async () => await inner)());
    await sleep(100);
    expect(outer.done()).toBe(false);
    outer.cancel();
    const error = await thrownBy(outer);
    expect(members(error)).toEqual(["RangeError: broken"]);
    expect(inner.exception()).toBe(error);
    expect([loop.time(), outer.cancelled(), outer.cancelling(), inner.cancelling()]).toEqual([300, false, 1, 1]);
  }));

test("test_taskgroups.py::TestTaskGroup.test_taskgroup_17: a group without tasks passes on the CancelledError of its body", () =>
  eitherStart(async (given) => {
    const parent = createTask(taskGroup(async () => await watch(given, "body")));
    await sleep(100);
    expect(parent.done()).toBe(false);
    parent.cancel("enough");
    const error = (await thrownBy(parent)) as Error;
    expect(error).toBeInstanceOf(CancelledError);
    expect([error.message, parent.cancelled(), given.log]).toEqual(["enough", true, ["body stops at 100"]]);
  }));

test("test_taskgroups.py::TestTaskGroup.test_taskgroup_18: a body that answers its cancellation with another error makes the group throw that error, in an ExceptionGroup", () =>
  eitherStart(async () => {
    const parent = createTask(taskGroup(async () => await failInCleanup(new RangeError("instead"))));
    await sleep(100);
    expect(parent.done()).toBe(false);
    parent.cancel();
    expect(members(await thrownBy(parent))).toEqual(["RangeError: instead"]);
    expect(parent.cancelled()).toBe(false);
  }));

test("test_taskgroups.py::TestTaskGroup.test_taskgroup_22: a group that is cancelled just after its tasks have begun ends at once, and so do they", () =>
  eitherStart(async ({ loop }) => {
    const tasks: Task[] = [];
    const parent = createTask(
      taskGroup(async (tg) => {
        tasks.push(tg.createTask(sleep(1000)), tg.createTask(sleep(2000)));
      }),
    );
    await sleep(50);
    parent.cancel();
    expect(await thrownBy(parent)).toBeInstanceOf(CancelledError);
    expect(tasks.map((task) => task.cancelled())).toEqual([true, true]);
    expect(loop.time()).toBe(50);
  }));

test("test_taskgroups.py::TestTaskGroup.test_error_and_cancel: a cancellation that comes together with a failure strikes at the next wait after the group", () =>
  eitherStart(async ({ log }) => {
    const begun = new Event();
    const fail = async () => {
      begun.set();
      await sleep(0);
      throw new RangeError("broken");
    };
    const work = async () => {
      const error = await thrownBy(
        taskGroup(async (tg) => {
          tg.createTask(fail());
          await sleep(1000);
          log.push("the body went on");
        }),
      );
      log.push(members(error), currentTask()!.cancelling());
      await sleep(1000);
      log.push("went on after the group");
    };
    const task = createTask(work());
    await begun.wait();
    log.push(task.cancelling());
    task.cancel();
    log.push(task.cancelling());
    expect(await thrownBy(task)).toBeInstanceOf(CancelledError);
    expect(log).toEqual([0, 1, ["RangeError: broken"], 1]);
    expect(task.cancelled()).toBe(true);
  }));
