import {
  EventLoop,
  RuntimeError,
  Task,
  type TaskFactory,
  type TaskOptions,
  type Awaitable,
  type Coroutine,
  ensureFuture,
  isCoroutine,
  newEventLoop,
} from "tsyncio";
import { expect, test } from "vitest";
import { byHand } from "./loop-by-hand.ts";

class OwnTask<T> extends Task<T> {}

const ownTasks: TaskFactory = (loop, co, options) => new OwnTask(co, { ...options, loop });

const answer = async () => 42;

test("test_base_events.py::BaseEventLoopTests.test_set_task_factory_invalid: the task factory is a function or null", () =>
  byHand(async ({ loop }) => {
    expect(() => loop.setTaskFactory(1 as never)).toThrow(
      new TypeError("Cannot set task factory: expected a function or null, received 1"),
    );
    expect(loop.getTaskFactory()).toBe(null);
  }));

test("test_base_events.py::BaseEventLoopTests.test_set_task_factory: a task factory makes the tasks of its loop until it is taken away", () =>
  byHand(async ({ loop }) => {
    expect(loop.getTaskFactory()).toBe(null);
    loop.setTaskFactory(ownTasks);
    expect(loop.getTaskFactory()).toBe(ownTasks);
    const own = loop.createTask(answer());
    expect(own).toBeInstanceOf(OwnTask);
    expect(await loop.runUntilComplete(own)).toBe(42);

    loop.setTaskFactory(null);
    expect(loop.getTaskFactory()).toBe(null);
    const task = loop.createTask(answer());
    expect([task instanceof Task, task instanceof OwnTask]).toEqual([true, false]);
    expect(await loop.runUntilComplete(task)).toBe(42);
  }));

class LoopOfOwnTasks extends EventLoop {
  override createTask<T>(co: Awaitable<T>, options?: TaskOptions): Task<T> {
    return new OwnTask(co as Coroutine<T>, { ...options, loop: this });
  }
}

test("test_base_events.py::BaseEventLoopTests.test_create_task: ensureFuture() makes its task by createTask() of the loop, which a subclass may replace", () =>
  byHand(
    async ({ loop }) => {
      const task = ensureFuture(answer(), { loop });
      expect(task).toBeInstanceOf(OwnTask);
      expect(await loop.runUntilComplete(task)).toBe(42);
    },
    () => new LoopOfOwnTasks(),
  ));

test("test_base_events.py::BaseEventLoopTests.test_create_task_error_closes_coro: ensureFuture() closes the coroutine that a closed loop refuses, so that it is not reported as never awaited", () => {
  const loop = newEventLoop();
  loop.close();
  const co: unknown = answer();
  if (!isCoroutine(co)) throw new Error("expected a coroutine");
  expect(() => ensureFuture(co, { loop })).toThrow(new RuntimeError("Cannot use the event loop: it is closed"));
  expect(co.state).toBe("closed");
});

test("test_base_events.py::BaseEventLoopTests.test_create_named_task_with_default_factory: createTask() names the task", () =>
  byHand(async ({ loop }) => {
    const task = loop.createTask(answer(), { name: "test_task" });
    expect([task.getName(), task.name]).toEqual(["test_task", "test_task"]);
    await loop.runUntilComplete(task);
    expect(task.getName()).toBe("test_task");
  }));

test("test_base_events.py::BaseEventLoopTests.test_create_named_task_with_custom_factory: createTask() names the task though the factory does not, and gives a number to one without a name", () =>
  byHand(async ({ loop }) => {
    loop.setTaskFactory((onLoop, co) => new OwnTask(co, { loop: onLoop }));
    const [named, nameless] = [loop.createTask(answer(), { name: "test_task" }), loop.createTask(answer())];
    expect(named.getName()).toBe("test_task");
    expect(nameless.getName()).toMatch(/^Task-\d+$/);
    await loop.runUntilComplete(named);
    expect(await loop.runUntilComplete(nameless)).toBe(42);
  }));
