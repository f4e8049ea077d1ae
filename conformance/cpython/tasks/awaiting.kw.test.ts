import {
  CancelledError,
  Future,
  RuntimeError,
  Task,
  type TaskFactory,
  coroutineTrace,
  createTask,
  currentTask,
  newEventLoop,
  sleep,
  wait,
} from "tsyncio";
import { expect, test } from "vitest";
import { VirtualHost } from "../../../test/virtual-host.ts";
import { eitherStart } from "../../either-start.ts";
import { program } from "../../program.ts";
import { thrownBy } from "../../thrown-by.ts";
import { waiters } from "./waiters.ts";

test("test_tasks.py::BaseTaskTests.test_other_loop_future: awaiting a future of another loop throws a RuntimeError that names both", () =>
  eitherStart(async () => {
    const other = newEventLoop({ host: new VirtualHost() });
    const future = new Future<void>({ loop: other });
    const foreign = async () => await future;
    const task = createTask(foreign(), { name: "T" });
    const error = await thrownBy(task);
    expect(error).toBeInstanceOf(RuntimeError);
    expect((error as Error).message).toBe(
      "Cannot await <Future pending> in <Task pending name='T' coro=foreign()>: it belongs to a different loop",
    );
    expect([future.done(), waiters(future)]).toEqual([false, []]);
    other.close();
  }));

test("test_tasks.py::BaseTaskTests.test_task_awaits_on_itself: a task that awaits itself gets a RuntimeError", () =>
  eitherStart(async () => {
    const own: Task[] = [];
    const job = async () => {
      await sleep(0);
      await own[0];
    };
    own.push(createTask(job(), { name: "T" }));
    const error = await thrownBy(own[0]);
    expect(error).toBeInstanceOf(RuntimeError);
    expect((error as Error).message).toBe(
      "Cannot await <Task pending name='T' coro=job()>: a task cannot await itself",
    );
    expect(own[0].done()).toBe(true);
  }));

test("test_tasks.py::BaseTaskTests.test_step_result_future: a task that awaits a future of a subclass waits for it and goes on with the very object that it is given", () =>
  eitherStart(async ({ log }) => {
    class Answer extends Future<object> {}
    const future = new Answer();
    const job = async () => void log.push(await future);
    const task = createTask(job(), { name: "T" });
    await sleep(0);
    expect([waiters(future), log]).toEqual([["T"], []]);
    const value = {};
    future.setResult(value);
    expect([task.done(), log]).toEqual([false, []]);
    await sleep(0);
    expect(log[0]).toBe(value);
    expect([task.done(), task.result()]).toEqual([true, undefined]);
  }));

class CountingFuture<T> extends Future<T> {
  readonly calls: string[] = [];
  override addDoneCallback(fn: (future: this) => unknown): void {
    this.calls.push("addDoneCallback");
    super.addDoneCallback(fn);
  }
  override cancel(message?: unknown): boolean {
    this.calls.push("cancel");
    return super.cancel(message);
  }
}

class CountingTask<T> extends Task<T> {
  readonly calls: string[] = [];
  override addDoneCallback(fn: (future: this) => unknown): void {
    this.calls.push("addDoneCallback");
    super.addDoneCallback(fn);
  }
}

test("test_tasks.py::add_subclass_tests.test_subclasses_ctask_cfuture: tasks and futures of subclasses work together; a cancellation calls the subclass's cancel(), an await enters the waiting task without addDoneCallback()", () =>
  program(async () => {
    const loop = newEventLoop({ host: new VirtualHost() });
    const counting: TaskFactory = (ofLoop, co, options) => new CountingTask(co, { ...options, loop: ofLoop });
    loop.setTaskFactory(counting);
    const future = new CountingFuture<string>({ loop });
    const task = loop.createTask(
      (async () => {
        loop.callSoon(() => future.setResult("result"));
        return await future;
      })(),
    );
    expect(await loop.runUntilComplete(task)).toBe("result");
    expect((task as CountingTask<string>).calls).toEqual(["addDoneCallback"]);
    expect(future.calls).toEqual([]);

    const cancelled = new CountingFuture<string>({ loop });
    const waiting = loop.createTask((async () => await cancelled)());
    loop.callSoon(() => waiting.cancel());
    expect(await thrownBy(loop.runUntilComplete(waiting))).toBeInstanceOf(CancelledError);
    expect(cancelled.calls).toEqual(["cancel"]);
    loop.close();
  }));

test("test_tasks.py::BaseTaskTests.test_stop_while_run_in_complete: runUntilComplete() of a loop that is stopped throws, and the task stays pending until the loop runs again", () =>
  program(async ({ log }) => {
    const loop = newEventLoop({ host: new VirtualHost() });
    const job = async () => {
      for (let round = 1; round <= 10; round++) {
        await sleep(100);
        log.push(round);
        if (round === 2) loop.stop();
      }
    };
    const task = loop.createTask(job());
    expect(await thrownBy(loop.runUntilComplete(task))).toEqual(
      new RuntimeError("Cannot give the result: the event loop was stopped before the future was done"),
    );
    expect([task.done(), log, loop.time(), loop.isRunning()]).toEqual([false, [1, 2], 200, false]);

    task.cancel();
    expect(await thrownBy(loop.runUntilComplete(task))).toBeInstanceOf(CancelledError);
    expect([task.cancelled(), log]).toEqual([true, [1, 2]]);
    loop.close();
  }));

/** Whether `task` is the current one; an assertion on tasks would look into them, and so await them. */
const isCurrent = (task: Task | null | undefined): boolean => currentTask() === task;

test("test_tasks.py::BaseTaskTests.test_current_task: currentTask() is the task inside its coroutine, and null outside of tasks", () =>
  program(async ({ log }) => {
    const loop = newEventLoop({ host: new VirtualHost() });
    const looking = async () => {
      log.push(isCurrent(task));
      await sleep(0);
      log.push(isCurrent(task));
    };
    const task: Task = loop.createTask(looking());
    task.addDoneCallback(() => log.push(isCurrent(null)));
    await loop.runUntilComplete(task);
    expect(log).toEqual([true, true, true]);
    loop.close();
  }).then(() => expect(currentTask()).toBe(null)));

test("test_tasks.py::BaseTaskTests.test_current_task_with_interleaving_tasks: each of two tasks that wake each other is the current one at its own steps", () =>
  eitherStart(async ({ log }) => {
    const main = currentTask()!;
    const [first, second] = [new Future<boolean>(), new Future<boolean>()];
    const steps = async (name: string, mine: Future<boolean>, other: Future<boolean>, startsOther: boolean) => {
      log.push(`${name} ${currentTask()!.getName()}`);
      if (startsOther) other.setResult(true);
      await mine;
      log.push(`${name} ${currentTask()!.getName()}`);
      if (!startsOther) other.setResult(true);
    };
    const tasks = [
      createTask(steps("one", first, second, false), { name: "1" }),
      createTask(steps("two", second, first, true), { name: "2" }),
    ];
    await wait(tasks);
    expect(log).toEqual(["one 1", "two 2", "one 1", "two 2"]);
    expect([isCurrent(main), tasks.map((task) => task.exception())]).toEqual([true, [null, null]]);
  }));

test("test_tasks.py::BaseTaskTests.test_exception_traceback: the error of a task has the stack of where it was thrown, and names the coroutines that it came through", () =>
  eitherStart(async () => {
    const failing = async () => {
      await sleep(0);
      (undefined as unknown as { field: number }).field++;
    };
    const calling = async () => await failing();
    const task = createTask(calling(), { name: "T" });
    await sleep(0);
    await sleep(0);
    const error = task.exception() as TypeError;
    expect(error).toBeInstanceOf(TypeError);
    expect(error.stack).toMatch(/failing.*awaiting\.kw\.test\.ts/);
    expect(coroutineTrace(error).map(({ name, task: taskName }) => [name, taskName])).toEqual([
      ["failing", undefined],
      ["calling", "T"],
    ]);
  }));
