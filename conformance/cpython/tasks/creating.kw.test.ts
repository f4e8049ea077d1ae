import {
  CancelledError,
  ContextVar,
  Coroutine,
  Future,
  InvalidStateError,
  RuntimeError,
  Task,
  copyContext,
  createTask,
  newEventLoop,
  sleep,
} from "tsyncio";
import { expect, test } from "vitest";
import { VirtualHost } from "../../../test/virtual-host.ts";
import { eitherStart } from "../../either-start.ts";
import { program } from "../../program.ts";
import { thrownBy } from "../../thrown-by.ts";

const ok = async () => "ok";

/** Whether two things are the same object; an assertion on tasks would look into them, and so await them. */
const same = (one: unknown, other: unknown): boolean => one === other;

test("test_tasks.py::BaseTaskTests.test_task_class: a task runs its coroutine on the loop that made it, and gives its result", () =>
  eitherStart(async ({ loop }) => {
    const task = createTask(ok());
    expect(await task).toBe("ok");
    expect([task.done(), task.result(), task.exception()]).toEqual([true, "ok", null]);
    expect(same(task.getLoop(), loop)).toBe(true);

    const other = newEventLoop({ host: new VirtualHost() });
    const elsewhere = other.createTask(ok());
    expect(same(elsewhere.getLoop(), other)).toBe(true);
    expect(await other.runUntilComplete(elsewhere)).toBe("ok");
    other.close();
  }));

test("test_tasks.py::BaseTaskTests.test_task_basics: coroutines that await one another, to several levels, run as one task", () =>
  eitherStart(async ({ loop }) => {
    const first = async () => 42;
    const second = async () => 1000;
    const outer = async () => (await first()) + (await second());
    const before = loop.statistics().iterations;
    expect(await outer()).toBe(1042);
    expect(loop.statistics().iterations).toBe(before);
    expect(await createTask(outer())).toBe(1042);
  }));

test("test_tasks.py::BaseTaskTests.test_create_task_with_noncoroutine: createTask() refuses what is no coroutine, and says what it received", () =>
  program(async () => {
    for (let time = 1; time <= 2; time++) {
      expect(() => createTask(123 as never)).toThrow(
        new TypeError("Cannot create task: expected a coroutine, received 123"),
      );
      expect(() => createTask(ok as never)).toThrow(
        new TypeError("Cannot create task: expected a coroutine, received the function ok; call it: ok()"),
      );
    }
  }));

test("test_tasks.py::BaseTaskTests.test_create_task_with_async_function: createTask() makes a Task of what an async function gives, as often as it is called", () =>
  eitherStart(async () => {
    for (let time = 1; time <= 2; time++) {
      const task = createTask(ok());
      expect(task instanceof Task).toBe(true);
      expect(await task).toBe("ok");
    }
  }));

/** A coroutine of a class of one's own: its iterator yields what it waits for. */
class Countdown extends Coroutine<number> {
  readonly name = "countdown";
  state: "created" | "closed" = "created";
  readonly #log: unknown[];

  constructor(log: unknown[]) {
    super();
    this.#log = log;
  }

  close(): void {
    this.state = "closed";
  }

  throw(error: unknown): never {
    this.close();
    throw error;
  }

  *[Symbol.iterator](): Generator<any, number, any> {
    try {
      this.#log.push(yield sleep(10, "three"));
      this.#log.push(yield ok());
      return 42;
    } finally {
      this.close();
    }
  }
}

test("test_tasks.py::BaseTaskTests.test_create_task_with_asynclike_function: a coroutine of a class of one's own can be scheduled and awaited as any other, and is cancelled where it waits", () =>
  eitherStart(async ({ log, loop }) => {
    for (let time = 1; time <= 2; time++) {
      const task = createTask(new Countdown(log));
      expect(task instanceof Task).toBe(true);
      expect(await task).toBe(42);
      expect(await new Countdown(log)).toBe(42);
      expect(log.splice(0)).toEqual(["three", "ok", "three", "ok"]);
    }
    expect(loop.time()).toBe(40);

    const cancelled = new Countdown(log);
    const task = createTask((async () => await cancelled)());
    await sleep(0);
    task.cancel();
    expect(await thrownBy(task)).toBeInstanceOf(CancelledError);
    expect([cancelled.state, log, loop.time()]).toEqual(["closed", [], 40]);
  }));

test("test_tasks.py::BaseTaskTests.test_get_coro: getCoro() gives the very coroutine that was scheduled, until the task is done", () =>
  program(async () => {
    const co = (async () => await sleep(1))();
    const task = createTask(co);
    expect(same(task.getCoro(), co)).toBe(true);
    await sleep(0);
    expect(same(task.getCoro(), co)).toBe(true);
    await task;
    expect(task.getCoro()).toBe(null);
    expect((co as unknown as Coroutine<undefined>).state).toBe("closed");
  }));

test("test_tasks.py::BaseTaskTests.test_get_context: a task that is given a context runs in that very context, and getContext() gives it", () =>
  eitherStart(async () => {
    const variable = new ContextVar<string>("variable", { default: "default" });
    const context = copyContext();
    const setting = async () => {
      const before = variable.get();
      variable.set("set by the task");
      return before;
    };
    const task = createTask(setting(), { context });
    expect(await task).toBe("default");
    expect(same(task.getContext(), context)).toBe(true);
    expect([context.run(() => variable.get()), variable.get()]).toEqual(["set by the task", "default"]);
  }));

test("test_tasks.py::GenericTaskTests.test_future_subclass: Task is a subclass of Future", () => {
  expect(Task.prototype).toBeInstanceOf(Future);
  expect(Object.getPrototypeOf(Object.getPrototypeOf(Task))).toBe(Future);
});

test("test_tasks.py::BaseTaskTests.test_task_set_methods: a task refuses a result and an error from outside, and gives those of its coroutine", () =>
  program(async () => {
    const task = createTask(ok(), { name: "T" });
    expect(() => task.setResult("other")).toThrow(
      new RuntimeError("Cannot set the result of T: a task gets it from its coroutine"),
    );
    expect(() => task.setException(new RangeError("other"))).toThrow(
      new RuntimeError("Cannot set the exception of T: a task gets it from its coroutine"),
    );
    expect(await task).toBe("ok");
    expect(() => task.setResult("other")).toThrow(RuntimeError);
    expect(task.result()).toBe("ok");
  }));

test("test_tasks.py::SetMethodsTest.test_set_result_causes_invalid_state: a result from outside is refused while the coroutine waits, which goes on to its own", () =>
  eitherStart(async ({ log }) => {
    const task = createTask(sleep(100, 10));
    await sleep(0);
    expect(() => task.setResult(11)).toThrow(RuntimeError);
    expect(() => task.result()).toThrow(InvalidStateError);
    task.addDoneCallback((done) => log.push(done.result()));
    expect(await task).toBe(10);
    await sleep(0);
    expect(log).toEqual([10]);
  }));

test("test_tasks.py::SetMethodsTest.test_set_exception_causes_invalid_state: an error from outside is refused while the coroutine waits, which goes on to its own", () =>
  eitherStart(async ({ log }) => {
    const own = new RangeError("own");
    const task = createTask(
      (async () => {
        await sleep(100);
        throw own;
      })(),
    );
    await sleep(0);
    expect(() => task.setException(new Error("other"))).toThrow(RuntimeError);
    expect(() => task.exception()).toThrow(InvalidStateError);
    task.addDoneCallback((done) => log.push(done.exception() === own));
    expect(await thrownBy(task)).toBe(own);
    await sleep(0);
    expect(log).toEqual([true]);
  }));
