import {
  type Awaitable,
  CancelledError,
  type Coroutine,
  type EventLoop,
  type Task,
  TimeoutError,
  allTasks,
  currentTask,
  ensureFuture,
  getRunningLoop,
  sleep,
} from "tsyncio";
import { expect, test } from "vitest";
import { type Given, program } from "../../program.ts";
import { betweenTurns } from "./between-turns.ts";
import { expectNoLoop } from "./no-loop.ts";
import { settled } from "./settled.ts";

// JavaScript has one thread. What comes from another one in Python comes between two turns of the loop here: native
// code that a host calls back, while no loop is running. It schedules by the loop's own methods.

/** What is scheduled from outside. */
async function add({ loop, log }: Given, a: number, b: number): Promise<number> {
  log.push("begun");
  try {
    expect(getRunningLoop()).toBe(loop);
    await sleep(50);
    log.push("slept");
    return a + b;
  } catch (error) {
    log.push((error as Error).name);
    throw error;
  }
}

/** What it throws to who awaits it in a coroutine. */
async function caught(aw: Awaitable<unknown>): Promise<unknown> {
  try {
    await aw;
  } catch (error) {
    return error;
  }
  throw new Error("expected an error");
}

/** Schedules a coroutine on a loop that is not running now, and awaits it natively. */
async function submit<T>(loop: EventLoop, co: PromiseLike<T>): Promise<T> {
  "native async";
  expectNoLoop(getRunningLoop);
  const task = loop.createTask(co);
  expect(task.getLoop()).toBe(loop);
  return await task;
}

test("test_tasks.py::RunCoroutineThreadsafeTests.test_run_coroutine_threadsafe: native code outside of the loop schedules a coroutine on it with loop.createTask(), which wakes the loop, and awaits the result", () =>
  program(async (given) => {
    const { loop, log } = given;
    loop.setDefaultExecutor(betweenTurns);
    log.push(await loop.runInExecutor(null, submit, loop, add(given, 1, 2)));
    expect(log).toEqual(["begun", "slept", 3]);
  }));

test("test_tasks.py::RunCoroutineThreadsafeTests.test_run_coroutine_threadsafe_with_exception: native code outside of the loop gets the very error of the coroutine that it scheduled", () =>
  program(async (given) => {
    const { loop } = given;
    const error = new Error("Fail!");
    const failing = async () => {
      await add(given, 1, 2);
      throw error;
    };
    loop.setDefaultExecutor(betweenTurns);
    expect(await caught(loop.runInExecutor(null, submit, loop, failing()))).toBe(error);
    expect(given.log).toEqual(["begun", "slept"]);
  }));

/** Gives up at once, and cancels what it scheduled. */
async function submitWithoutPatience<T>(loop: EventLoop, co: PromiseLike<T>): Promise<T> {
  "native async";
  const task = loop.createTask(co);
  try {
    return await Promise.race([task, Promise.reject(new TimeoutError("no patience"))]);
  } finally {
    expect(task.cancel()).toBe(true);
  }
}

/** Aborts by its signal what it scheduled, once that has begun. */
async function submitWithSignal<T>(loop: EventLoop, co: PromiseLike<T>, begun: PromiseLike<void>): Promise<T> {
  "native async";
  const controller = new AbortController();
  const task = loop.createTask(co, { signal: controller.signal });
  await begun;
  controller.abort(new TimeoutError("no patience"));
  return await task;
}

test("test_tasks.py::RunCoroutineThreadsafeTests.test_run_coroutine_threadsafe_with_timeout: native code outside of the loop that waits no longer cancels what it scheduled, by cancel() or by an AbortSignal, and no task is left", () =>
  program(async (given) => {
    const { loop, log } = given;
    loop.setDefaultExecutor(betweenTurns);
    const onlyMainIsLeft = async () => {
      await settled();
      expect([...allTasks(loop)].map((task) => task.getName())).toEqual([currentTask()!.getName()]);
    };

    const co = add(given, 1, 2) as Coroutine<number>;
    const gaveUp = await caught(loop.runInExecutor(null, submitWithoutPatience, loop, co));
    expect(gaveUp).toEqual(new TimeoutError("no patience"));
    await onlyMainIsLeft();
    expect([co.state, log]).toEqual(["closed", []]);

    let begin!: () => void;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const beginning = async () => {
      begin();
      return await add(given, 1, 2);
    };
    const aborted = await caught(loop.runInExecutor(null, submitWithSignal, loop, beginning(), begun));
    expect(aborted).toEqual(new CancelledError("TimeoutError: no patience"));
    expect((aborted as CancelledError).cause).toEqual(new TimeoutError("no patience"));
    await onlyMainIsLeft();
    expect(log).toEqual(["begun", "CancelledError"]);
  }));

test("test_tasks.py::RunCoroutineThreadsafeTests.test_run_coroutine_threadsafe_task_cancelled: native code outside of the loop gets CancelledError when what it scheduled is cancelled", () =>
  program(async (given) => {
    const { loop, log } = given;
    const cancellingItself = async () => {
      log.push(await add(given, 1, 2));
      currentTask()!.cancel();
      await sleep(0);
      log.push("went on");
    };
    loop.setDefaultExecutor(betweenTurns);
    const error = await caught(loop.runInExecutor(null, submit, loop, cancellingItself()));
    expect(error).toBeInstanceOf(CancelledError);
    expect(log).toEqual(["begun", "slept", 3]);
    expect(currentTask()!.cancelling()).toBe(0);
  }));

/** Schedules a coroutine in a callback of the loop. */
async function submitByCallback<T>(loop: EventLoop, co: PromiseLike<T>): Promise<T> {
  "native async";
  return await new Promise((resolve, reject) => {
    loop.callSoonThreadsafe(() => {
      try {
        resolve(ensureFuture(co));
      } catch (error) {
        reject(error);
        throw error;
      }
    });
  });
}

test("test_tasks.py::RunCoroutineThreadsafeTests.test_run_coroutine_threadsafe_task_factory_exception: an error of the task factory is thrown to who schedules, and reported when that is a callback of the loop", () =>
  program(async (given) => {
    const { loop, heard, log } = given;
    const error = new ReferenceError("no such factory");
    const broken = (): Task<any> => {
      throw error;
    };
    loop.setDefaultExecutor(betweenTurns);
    const heardBy: number[] = [];
    for (const way of [submit, submitByCallback]) {
      loop.setTaskFactory(null);
      const co = add(given, 1, 2) as Coroutine<number>;
      const running = loop.runInExecutor(null, way<number>, loop, co);
      loop.setTaskFactory(broken);
      expect(await caught(running)).toBe(error);
      co.close();
      const reports = heard.splice(0);
      heardBy.push(reports.length);
      for (const report of reports) expect(report.exception).toBe(error);
    }
    loop.setTaskFactory(null);
    expect([heardBy, log]).toEqual([[0, 1], []]);
  }));
