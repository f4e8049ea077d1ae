import {
  type EventLoop,
  Task,
  type TaskFactory,
  allTasks,
  createTask,
  currentTask,
  newEventLoop,
  sleep,
} from "tsyncio";
import { expect, test } from "vitest";
import { VirtualHost } from "../../../test/virtual-host.ts";
import { eitherStart } from "../../either-start.ts";
import { errorOf, program } from "../../program.ts";

/** The names of the tasks of a loop that are not done. */
const names = (loop?: EventLoop) => [...allTasks(loop)].map((task) => task.getName());

test("test_tasks.py::BaseTaskIntrospectionTests.test__register_task_1: a task of a class of one's own is among all tasks from its construction until it is done", () =>
  program(async ({ loop }) => {
    class OwnTask<T> extends Task<T> {}
    const own: TaskFactory = (of, co, options) => new OwnTask(co, { ...options, loop: of });
    currentTask()!.setName("main");
    loop.setTaskFactory(own);
    const task = createTask(sleep(1), { name: "own" });
    loop.setTaskFactory(null);
    expect(task).toBeInstanceOf(OwnTask);
    expect(names()).toEqual(["main", "own"]);
    await task;
    expect(names()).toEqual(["main"]);
  }));

test("test_tasks.py::BaseTaskIntrospectionTests.test__register_task_2: a task is among those of the loop that its getLoop() gives, which need not run yet, and of no other", () =>
  program(async ({ loop }) => {
    const other = newEventLoop({ host: new VirtualHost() });
    expect(names(other)).toEqual([]);
    const task = other.createTask(sleep(1), { name: "elsewhere" });
    expect(task.getLoop()).toBe(other);
    expect(names(other)).toEqual(["elsewhere"]);
    expect(names(loop)).toEqual([currentTask()!.getName()]);
    await other.runUntilComplete(task);
    expect(names(other)).toEqual([]);
    other.close();
  }));

test("test_tasks.py::BaseTaskIntrospectionTests.test__register_task_3: a task that is done when it has been made is not among all tasks", () =>
  program(async () => {
    const before = names();
    const nothing = async () => {};
    const task = createTask(nothing(), { eagerStart: true });
    expect([task.done(), names()]).toEqual([true, before]);
  }));

test("test_tasks.py::BaseTaskIntrospectionTests.test__unregister_task: a task is no longer among all tasks when it has returned, failed or been cancelled", () =>
  eitherStart(async () => {
    currentTask()!.setName("main");
    const failing = async () => {
      await sleep(2);
      throw new RangeError("failed");
    };
    const returned = createTask(sleep(1), { name: "returned" });
    const failed = createTask(failing(), { name: "failed" });
    const cancelled = createTask(sleep(3), { name: "cancelled" });
    expect(names()).toEqual(["main", "returned", "failed", "cancelled"]);
    await returned;
    expect(names()).toEqual(["main", "failed", "cancelled"]);
    expect(await errorOf(failed)).toEqual(new RangeError("failed"));
    expect(names()).toEqual(["main", "cancelled"]);
    cancelled.cancel();
    expect(names()).toEqual(["main", "cancelled"]);
    await errorOf(cancelled);
    expect(names()).toEqual(["main"]);
  }));

test("test_tasks.py::BaseTaskIntrospectionTests.test__unregister_task_not_registered: what was never a pending task, a refused one or a coroutine driven by hand, leaves all tasks as they are", () =>
  program(async () => {
    currentTask()!.setName("main");
    const pending = createTask(sleep(1), { name: "pending" });
    expect(() => createTask("no coroutine" as never)).toThrow(TypeError);
    const quick = async () => "by hand";
    expect((quick() as ReturnType<typeof sleep>).send()).toEqual({ done: true, value: "by hand" });
    expect(names()).toEqual(["main", "pending"]);
    await pending;
  }));
