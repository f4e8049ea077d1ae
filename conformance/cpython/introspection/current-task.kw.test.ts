import {
  type Coroutine,
  RuntimeError,
  type Task,
  allTasks,
  createTask,
  currentTask,
  getRunningLoop,
  newEventLoop,
  sleep,
} from "tsyncio";
import { expect, test } from "vitest";
import { VirtualHost } from "../../../test/virtual-host.ts";
import { eitherStart } from "../../either-start.ts";
import { program } from "../../program.ts";

/** The name of the current task, "none" when there is none. */
const current = () => currentTask()?.getName() ?? "none";

test("test_tasks.py::BaseTaskIntrospectionTests.test__enter_task: a task is the current one while its step runs, in whatever it calls and awaits", () =>
  eitherStart(async ({ log }) => {
    const inner = async () => void log.push(`awaited: ${current()}`);
    const work = async () => {
      log.push(`begun: ${current()}`);
      [0].forEach(() => log.push(`called: ${current()}`));
      await inner();
      await sleep(1);
      log.push(`went on: ${current()}`);
    };
    await createTask(work(), { name: "entered" });
    expect(log).toEqual(["begun: entered", "called: entered", "awaited: entered", "went on: entered"]);
  }));

test("test_tasks.py::BaseTaskIntrospectionTests.test__enter_task_failure: no second task becomes the current one within the step of a task: what is driven by hand there is nobody's", () =>
  program(async ({ log }) => {
    currentTask()!.setName("main");
    const work = async (): Promise<void> => {
      log.push(`by hand: ${current()}`);
      await sleep(0);
      throw new RangeError(`by hand: ${current()}`);
    };
    const co = work() as Coroutine<void>;
    expect(co.send().done).toBe(false);
    log.push(current());
    expect(() => co.throw(new RangeError("thrown in"))).toThrow("thrown in");
    log.push(current());
    expect(log).toEqual(["by hand: none", "main", "main"]);
  }));

test("test_tasks.py::BaseTaskIntrospectionTests.test__leave_task: there is no current task while all wait: not in callbacks, and not in timers", () =>
  eitherStart(async ({ loop, log }) => {
    const work = async () => {
      loop.callSoon(() => log.push(`callback: ${current()}`));
      loop.callLater(1, () => log.push(`timer: ${current()}`));
      await sleep(2);
      log.push(`task: ${current()}`);
    };
    const task = createTask(work(), { name: "waiting" });
    task.addDoneCallback(() => log.push(`done callback: ${current()}`));
    await task;
    await sleep(0);
    expect(log).toEqual(["callback: none", "timer: none", "task: waiting", "done callback: none"]);
  }));

test("test_tasks.py::BaseTaskIntrospectionTests.test__leave_task_failure1: a task that starts and ends within the step of another leaves that one the current one, also when it fails", () =>
  program(async ({ log }) => {
    currentTask()!.setName("main");
    const work = async (fails: boolean) => {
      log.push(current());
      if (fails) throw new RangeError("failed");
    };
    for (const fails of [false, true]) {
      const task: Task = createTask(work(fails), { name: "within", eagerStart: true });
      log.push(current());
      expect(task.exception()?.message).toBe(fails ? "failed" : undefined);
    }
    expect(log).toEqual(["within", "main", "within", "main"]);
  }));

test("test_tasks.py::BaseTaskIntrospectionTests.test__leave_task_failure2: after the last step of a task none is the current one, also when the step has thrown", () =>
  program(async ({ loop, log }) => {
    const failing = async () => {
      loop.callSoon(() => log.push(current()));
      throw new RangeError("failed");
    };
    const task = createTask(failing());
    while (!task.done()) await sleep(0);
    await sleep(0);
    expect(task.exception()).toEqual(new RangeError("failed"));
    expect(log).toEqual(["none"]);
  }));

test("test_tasks.py::BaseCurrentLoopTests.test_current_task_no_running_loop: a loop that does not run has no current task, though it may have tasks", () => {
  const loop = newEventLoop({ host: new VirtualHost() });
  expect(currentTask()).toBe(null);
  const task = loop.createTask(sleep(1));
  expect(currentTask()).toBe(null);
  expect(allTasks(loop).has(task)).toBe(true);
  loop.close();
});

test("test_tasks.py::BaseCurrentLoopTests.test_current_task_no_running_loop_implicit: where no loop runs there is no current task; only what needs the loop itself throws", () => {
  expect(currentTask()).toBe(null);
  expect(() => getRunningLoop()).toThrow(RuntimeError);
  expect(() => getRunningLoop()).toThrow("there is no current event loop");
  expect(() => allTasks()).toThrow("there is no current event loop");
});

test("test_tasks.py::BaseCurrentLoopTests.test_current_task_with_implicit_loop: a coroutine finds its own task, and when the loop has run there is none", async () => {
  const loop = newEventLoop({ host: new VirtualHost() });
  const seen: (Task | null)[] = [];
  const work = async () => {
    seen.push(currentTask());
    await sleep(0);
    seen.push(currentTask());
  };
  const task = loop.createTask(work());
  await loop.runUntilComplete(task).then(() => seen.push(currentTask()));
  expect(seen.map((one) => (one === null ? "none" : one === task))).toEqual([true, true, "none"]);
  loop.close();
});
