import {
  CancelledError,
  ContextVar,
  Future,
  Task,
  allTasks,
  createEagerTaskFactory,
  createTask,
  currentTask,
  sleep,
} from "tsyncio";
import { expect, test } from "vitest";
import { eagerProgram } from "./eager-program.ts";
import { errorOf } from "../../program.ts";

/** The names of all tasks that are not done. */
const names = () => [...allTasks()].map((task) => task.getName());

test("test_eager_task_factory.py::EagerTaskFactoryLoopTests.test_eager_task_factory_set: the loop tells its task factory, and tasks are of the class that the factory was made for", () =>
  eagerProgram(async ({ loop }) => {
    class OwnTask<T> extends Task<T> {}
    const factory = createEagerTaskFactory(OwnTask);
    loop.setTaskFactory(factory);
    expect(loop.getTaskFactory()).toBe(factory);
    const noop = async () => {};
    const task = loop.createTask(noop());
    expect(task).toBeInstanceOf(OwnTask);
    expect(task.done()).toBe(true);
    await task;
  }));

test("test_eager_task_factory.py::EagerTaskFactoryLoopTests.test_await_future_during_eager_step: what a task does in its eager step is done when createTask gives it back", () =>
  eagerProgram(async () => {
    const future = new Future<string>();
    const settling = async () => future.setResult("my message");
    const task = createTask(settling());
    expect([task.done(), future.done()]).toEqual([true, true]);
    expect(await future).toBe("my message");
  }));

test("test_eager_task_factory.py::EagerTaskFactoryLoopTests.test_eager_completion: a coroutine that does not wait is done within createTask, and awaiting its task takes no iteration", () =>
  eagerProgram(async ({ loop }) => {
    const hello = async () => "hello";
    const { iterations } = loop.statistics();
    const task = createTask(hello());
    expect([task.done(), task.result()]).toEqual([true, "hello"]);
    expect(await task).toBe("hello");
    expect(loop.statistics().iterations).toBe(iterations);
  }));

test("test_eager_task_factory.py::EagerTaskFactoryLoopTests.test_block_after_eager_step: a coroutine that waits goes on as any task does", () =>
  eagerProgram(async ({ log }) => {
    const waiting = async () => {
      log.push("begun");
      await sleep(100);
      return "finished after waiting";
    };
    const task = createTask(waiting());
    log.push("created", task.done());
    expect(await task).toBe("finished after waiting");
    expect(task.done()).toBe(true);
    expect(log).toEqual(["begun", "created", false]);
  }));

test("test_eager_task_factory.py::EagerTaskFactoryLoopTests.test_cancellation_after_eager_completion: a task that is done already cannot be cancelled and keeps its result", () =>
  eagerProgram(async () => {
    const quick = async () => "finished without waiting";
    const task = createTask(quick());
    expect(task.cancel()).toBe(false);
    expect(await task).toBe("finished without waiting");
    expect([task.cancelled(), task.cancelling()]).toEqual([false, 0]);
  }));

test("test_eager_task_factory.py::EagerTaskFactoryLoopTests.test_cancellation_after_eager_step_blocks: a task that waits after its eager step can be cancelled, and the message comes through", () =>
  eagerProgram(async ({ log }) => {
    const waiting = async () => {
      await sleep(100);
      log.push("not reached");
    };
    const task = createTask(waiting());
    expect(task.cancel("cancellation message")).toBe(true);
    expect(task.cancelling()).toBe(1);
    expect(await errorOf(task)).toEqual(new CancelledError("cancellation message"));
    expect([log, task.cancelled()]).toEqual([[], true]);
  }));

test("test_eager_task_factory.py::EagerTaskFactoryLoopTests.test_current_task: a task is the current one in its eager step as it is later, and its creator is it again in between", () =>
  eagerProgram(async () => {
    const main = currentTask();
    const seen: (Task | null)[] = [];
    const noting = async () => {
      seen.push(currentTask());
      await sleep(100);
      seen.push(currentTask());
    };
    const task = createTask(noting());
    expect(seen.map((one) => one === task)).toEqual([true]);
    expect(currentTask() === main).toBe(true);
    await task;
    expect(seen.map((one) => one === task)).toEqual([true, true]);
    expect(currentTask() === main).toBe(true);
  }));

test("test_eager_task_factory.py::EagerTaskFactoryLoopTests.test_all_tasks_with_eager_completion: a task is among all tasks in its eager step, and no longer when that was its last", () =>
  eagerProgram(async ({ log }) => {
    const noting = async () => void log.push(names());
    currentTask()!.setName("main");
    createTask(noting(), { name: "noting" });
    expect(log).toEqual([["main", "noting"]]);
    expect(names()).toEqual(["main"]);
  }));

test("test_eager_task_factory.py::EagerTaskFactoryLoopTests.test_all_tasks_with_blocking: a task is among all tasks from its eager step until it is done", () =>
  eagerProgram(async ({ log }) => {
    const gate = new Future<void>();
    const passed = new Future<void>();
    const waiting = async () => {
      log.push(names());
      await gate;
      passed.setResult();
    };
    currentTask()!.setName("main");
    createTask(waiting(), { name: "waiting" });
    expect(log).toEqual([["main", "waiting"]]);
    expect(names()).toEqual(["main", "waiting"]);
    gate.setResult();
    await passed;
    expect(names()).toEqual(["main"]);
  }));

test("test_eager_task_factory.py::EagerTaskFactoryLoopTests.test_context_vars: the eager step runs in the task's own copy of the context, which it keeps when it goes on", () =>
  eagerProgram(async ({ log }) => {
    const variable = new ContextVar("variable", { default: 0 });
    const counting = async () => {
      log.push(variable.get());
      variable.set(2);
      log.push(variable.get());
      await sleep(100);
      log.push(variable.get());
      variable.set(3);
      log.push(variable.get());
    };
    variable.set(1);
    const task = createTask(counting());
    expect([...log, variable.get()]).toEqual([1, 2, 1]);
    await task;
    expect([...log, variable.get()]).toEqual([1, 2, 2, 3, 1]);
  }));

test("test_eager_task_factory.py::CEagerTaskFactoryLoopTests.test_issue122332: a task that has ended in its eager step lets its coroutine go", () =>
  eagerProgram(async () => {
    const noop = async () => {};
    const co = noop();
    const task = createTask(co);
    await task;
    expect(task.getCoro()).toBe(null);
    const waiting = async () => await sleep(1);
    const later = createTask(waiting());
    expect(later.getCoro()?.name).toBe("waiting");
    await later;
    expect(later.getCoro()).toBe(null);
  }));
