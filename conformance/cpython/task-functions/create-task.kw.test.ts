import { Task, createTask, eagerTaskFactory, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { program } from "../../program.ts";

test("test_tasks.py::BaseTaskTests.test_bare_create_task: createTask() gives a Task on the running loop, and awaiting it gives the coroutine's result", () =>
  program(async ({ loop, log }) => {
    const inner = async () => {
      log.push("begun");
      await sleep(0);
      return 1;
    };
    for (const eagerStart of [false, true]) {
      const task = createTask(inner(), { eagerStart });
      expect(task).toBeInstanceOf(Task);
      expect(task.getLoop()).toBe(loop);
      log.push("created");
      log.push(await task);
    }
    expect(log).toEqual(["created", "begun", 1, "begun", "created", 1]);
  }));

test("test_tasks.py::BaseTaskTests.test_bare_create_named_task: createTask() names the task by its name option, also where a task factory makes it", () =>
  program(async ({ loop }) => {
    const idle = async () => {};
    for (const factory of [null, eagerTaskFactory]) {
      loop.setTaskFactory(factory);
      const task = createTask(idle(), { name: "No-op" });
      expect(task.getName()).toBe("No-op");
      expect(await task).toBe(undefined);
    }
  }));
