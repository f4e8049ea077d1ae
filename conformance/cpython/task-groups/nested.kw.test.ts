import { CancelledError, type Task, createTask, currentTask, sleep, taskGroup } from "tsyncio";
import { expect, test } from "vitest";
import { eitherStart } from "../../either-start.ts";
import { thrownBy } from "../../thrown-by.ts";
import { failAfter, failInCleanup } from "./failing.ts";
import { members } from "./members.ts";

test("test_taskgroups.py::TestTaskGroup.test_taskgroup_11: the errors with which a cancelled inner group ends come out of the outer group in a group of their own", () =>
  eitherStart(async () => {
    const parent = createTask(
      taskGroup(async () => {
        await taskGroup(async (inner) => {
          for (const name of ["a", "b"]) inner.createTask(failInCleanup(new RangeError(name)));
          await sleep("1h");
        });
      }),
    );
    await sleep(100);
    expect(parent.done()).toBe(false);
    parent.cancel();
    expect(members(await thrownBy(parent))).toEqual([["RangeError: a", "RangeError: b"]]);
    expect([parent.cancelled(), parent.cancelling()]).toEqual([false, 1]);
  }));

test("test_taskgroups.py::TestTaskGroup.test_taskgroup_12: the tasks of the outer group are cancelled as well when the inner one ends with errors, and are no error", () =>
  eitherStart(async ({ loop }) => {
    let beside!: Task<void>;
    const parent = createTask(
      taskGroup(async (outer) => {
        beside = outer.createTask(sleep("1h"));
        await taskGroup(async (inner) => {
          for (const name of ["a", "b"]) inner.createTask(failInCleanup(new RangeError(name)));
          await sleep("1h");
        });
      }),
    );
    await sleep(100);
    expect(parent.done()).toBe(false);
    parent.cancel();
    expect(members(await thrownBy(parent))).toEqual([["RangeError: a", "RangeError: b"]]);
    expect([beside.cancelled(), loop.time()]).toEqual([true, 100]);
  }));

test("test_taskgroups.py::TestTaskGroup.test_taskgroup_13: a failure in the outer group cancels the inner one, which then adds nothing to the error", () =>
  eitherStart(async ({ loop, log }) => {
    const parent = createTask(
      taskGroup(async (outer) => {
        outer.createTask(failAfter(100, new RangeError("outer")));
        const error = await thrownBy(
          taskGroup(async (inner) => void inner.createTask(failAfter(10_000, new RangeError("inner")))),
        );
        log.push((error as Error).name);
        throw error;
      }),
    );
    expect(members(await thrownBy(parent))).toEqual(["RangeError: outer"]);
    expect([log, loop.time(), parent.cancelling()]).toEqual([["CancelledError"], 100, 0]);
  }));

test("test_taskgroups.py::TestTaskGroup.test_taskgroup_14: a failure in the inner group is a failure of the outer body, and cancels the tasks of the outer group", () =>
  eitherStart(async ({ loop }) => {
    const parent = createTask(
      taskGroup(async (outer) => {
        outer.createTask(failAfter(10_000, new RangeError("outer")));
        await taskGroup(async (inner) => void inner.createTask(failAfter(100, new RangeError("inner"))));
      }),
    );
    expect(members(await thrownBy(parent))).toEqual([["RangeError: inner"]]);
    expect([loop.time(), parent.cancelling()]).toEqual([100, 0]);
  }));

test("test_taskgroups.py::TestTaskGroup.test_nested_groups_both_cancelled: when two nested groups fail at the same time each takes back its own cancellation, and the outer body is cancelled at its next wait", () =>
  eitherStart(async ({ log }) => {
    const error = await thrownBy(
      taskGroup(async (outer) => {
        const error = await thrownBy(
          taskGroup(async (inner) => {
            inner.createTask(failAfter(0, new TypeError("inner")));
            outer.createTask(failAfter(0, new RangeError("outer")));
          }),
        );
        log.push(members(error), currentTask()!.cancelling());
        const next = await thrownBy(sleep(1000));
        log.push(next instanceof CancelledError);
      }),
    );
    expect(members(error)).toEqual(["RangeError: outer"]);
    expect(log).toEqual([["TypeError: inner"], 1, true]);
    expect(currentTask()!.cancelling()).toBe(0);
    await sleep(0);
  }));
