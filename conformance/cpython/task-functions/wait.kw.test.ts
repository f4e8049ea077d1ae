import { CancelledError, type Coroutine, type Task, createTask, sleep, wait } from "tsyncio";
import { expect, test } from "vitest";
import { program } from "../../program.ts";
import { settled } from "./settled.ts";

/** The names of what is done and of what is not. */
function names([done, pending]: [Set<Task>, Set<Task>]): [string[], string[]] {
  const namesOf = (tasks: Set<Task>) => Array.from(tasks, (task) => task.getName());
  return [namesOf(done), namesOf(pending)];
}

const sleeper = (name: string, delay: number): Task<undefined> => createTask(sleep(delay), { name });

async function failAfter(delay: number, error: Error): Promise<void> {
  if (delay > 0) await sleep(delay);
  throw error;
}

test("test_tasks.py::BaseTaskTests.test_wait: wait() gives all tasks as done when the last of them is, and takes no time when they are done already", () =>
  program(async ({ loop, log }) => {
    const [a, b] = [sleeper("a", 100), sleeper("b", 150)];
    const waiting = async () => {
      log.push(names(await wait([b, a])), loop.time());
      return 42;
    };
    const bothDone = [["b", "a"], []];
    expect(await createTask(waiting())).toBe(42);
    expect(await createTask(waiting())).toBe(42);
    expect(log).toEqual([bothDone, 150, bothDone, 150]);
  }));

test("test_tasks.py::BaseTaskTests.test_wait_duplicate_coroutines: wait() counts a task that is given twice once", () =>
  program(async () => {
    const give = async (value: string) => value;
    const twice = createTask(give("test"));
    const [done, pending] = await wait([twice, twice, createTask(give("spam"))]);
    expect(Array.from(done, (task) => task.result())).toEqual(["test", "spam"]);
    expect(pending.size).toBe(0);
  }));

test("test_tasks.py::BaseTaskTests.test_wait_errors: wait() refuses an empty set and an unknown returnWhen, at the call", () =>
  program(async () => {
    expect(() => wait(new Set<Task>())).toThrow(
      new RangeError("Cannot wait: there are no tasks or futures to wait for"),
    );
    const pause = sleep("10s");
    expect(() => wait([pause as never], { returnWhen: -1 as never })).toThrow(
      new RangeError(
        "Cannot wait: returnWhen must be one of ALL_COMPLETED, FIRST_COMPLETED, FIRST_EXCEPTION, received -1",
      ),
    );
    expect(pause.state).toBe("created");
  }));

test("test_tasks.py::BaseTaskTests.test_wait_invalid_args: wait() refuses a single future or coroutine, and an empty list, at the call", () =>
  program(async ({ loop }) => {
    const future = loop.createFuture<void>();
    expect(() => wait(future as never)).toThrow(
      new TypeError("Cannot wait for <Future pending>: expected an iterable of futures; write wait([task])"),
    );
    const co = failAfter(0, new Error("never")) as Coroutine<void>;
    expect(() => wait(co as never)).toThrow(
      new TypeError(
        "Cannot wait for <Coroutine created name='failAfter'>: expected an iterable of futures; write wait([task])",
      ),
    );
    co.close();
    expect(() => wait([])).toThrow(new RangeError("Cannot wait: there are no tasks or futures to wait for"));
  }));

test("test_tasks.py::BaseTaskTests.test_wait_first_completed: with FIRST_COMPLETED wait() ends with the first task, and the others go on", () =>
  program(async ({ loop }) => {
    const [a, b] = [sleeper("a", 10_000), sleeper("b", 100)];
    const waiting = createTask(wait([b, a], { returnWhen: "FIRST_COMPLETED" }));
    expect(names(await waiting)).toEqual([["b"], ["a"]]);
    expect([a.done(), b.done(), b.result(), loop.time()]).toEqual([false, true, undefined, 100]);
    expect(names(await wait([a, b]))).toEqual([["a", "b"], []]);
    expect(loop.time()).toBe(10_000);
  }));

test("test_tasks.py::BaseTaskTests.test_wait_really_done: a task that ends between the end of the wait and the next step of who waits is given as done", () =>
  program(async ({ log }) => {
    const rounds = async (name: string, count: number) => {
      for (let n = 0; n < count; n++) await sleep(0);
      log.push(name);
    };
    const a = createTask(rounds("a", 1), { name: "a" });
    const b = createTask(rounds("b", 2), { name: "b" });
    const waiting = createTask(wait([b, a], { returnWhen: "FIRST_COMPLETED" }));
    waiting.addDoneCallback(() => log.push("waited"));
    expect(names(await waiting)).toEqual([["b", "a"], []]);
    expect([a.result(), b.result(), log]).toEqual([undefined, undefined, ["a", "b", "waited"]]);
  }));

test("test_tasks.py::BaseTaskTests.test_wait_first_exception: with FIRST_EXCEPTION wait() ends at once when a task fails in its first step, and does not throw its error", () =>
  program(async ({ loop }) => {
    const a = sleeper("a", 10_000);
    const b = createTask(failAfter(0, new RangeError("err")), { name: "b" });
    expect(names(await createTask(wait([b, a], { returnWhen: "FIRST_EXCEPTION" })))).toEqual([["b"], ["a"]]);
    expect(loop.time()).toBe(0);
    expect(names(await wait([a, b]))).toEqual([["a", "b"], []]);
  }));

test("test_tasks.py::BaseTaskTests.test_wait_first_exception_in_wait: with FIRST_EXCEPTION wait() ends when a task fails later on", () =>
  program(async ({ loop }) => {
    const a = sleeper("a", 10_000);
    const b = createTask(failAfter(10, new RangeError("err")), { name: "b" });
    expect(names(await wait([b, a], { returnWhen: "FIRST_EXCEPTION" }))).toEqual([["b"], ["a"]]);
    expect(loop.time()).toBe(10);
    expect(names(await wait([a, b]))).toEqual([["a", "b"], []]);
  }));

test("test_tasks.py::BaseTaskTests.test_wait_with_exception: wait() counts a task that failed as done, and the error stays in it", () =>
  program(async ({ loop, log }) => {
    const [a, b] = [sleeper("a", 100), createTask(failAfter(150, new RangeError("really")), { name: "b" })];
    const waiting = async () => {
      const [done, pending] = await wait([b, a]);
      log.push(done.size, pending.size, [...done].filter((task) => task.exception() !== null).length, loop.time());
    };
    await createTask(waiting());
    await createTask(waiting());
    expect(log).toEqual([2, 0, 1, 150, 2, 0, 1, 150]);
    expect(b.exception()).toEqual(new RangeError("really"));
  }));

test("test_tasks.py::BaseTaskTests.test_wait_with_timeout: at its timeout wait() gives what is not done as pending; it neither throws nor cancels", () =>
  program(async ({ loop }) => {
    const [a, b] = [sleeper("a", 100), sleeper("b", 150)];
    const waiting = async () => await wait([b, a], { timeout: 110 });
    expect(names(await createTask(waiting()))).toEqual([["a"], ["b"]]);
    expect([loop.time(), b.cancelling()]).toEqual([110, 0]);
    expect(names(await wait([a, b]))).toEqual([["a", "b"], []]);
    expect(loop.time()).toBe(150);
  }));

test("test_tasks.py::BaseTaskTests.test_wait_concurrent_complete: a task that ends at the very time of the timeout is given as done", () =>
  program(async ({ loop }) => {
    const [a, b] = [sleeper("a", 100), sleeper("b", 150)];
    expect(names(await createTask(wait([b, a], { timeout: 100 })))).toEqual([["a"], ["b"]]);
    expect(loop.time()).toBe(100);
    expect(names(await wait([a, b]))).toEqual([["a", "b"], []]);
  }));

test("test_tasks.py::BaseTaskTests.test_wait_with_iterator_of_tasks: wait() takes an iterator of tasks", () =>
  program(async ({ loop }) => {
    const [a, b] = [sleeper("a", 100), sleeper("b", 150)];
    const waiting = async () => names(await wait([b, a].values()));
    expect(await createTask(waiting())).toEqual([["b", "a"], []]);
    expect(loop.time()).toBe(150);
  }));

test("test_tasks.py::BaseTaskTests.test_wait_generator: wait() takes a generator that makes the tasks", () =>
  program(async () => {
    const give = async (value: number) => value;
    const tasks = function* () {
      for (let n = 0; n < 10; n++) yield createTask(give(n));
    };
    const [done, pending] = await wait(tasks(), { returnWhen: "ALL_COMPLETED" });
    expect(Array.from(done, (task) => task.result())).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(pending.size).toBe(0);
  }));

test("test_tasks.py::BaseTaskTests.test_yield_wait_does_not_shield_cancel: cancelling who is in wait() ends the wait, and the task that it waited for runs on to its end", () =>
  program(async ({ loop, log }) => {
    const gate = loop.createFuture<void>();
    const inner = async () => {
      await gate;
      log.push("inner ended");
    };
    const outer = async () => {
      await wait([createTask(inner())]);
      log.push("outer went on");
    };
    const task = createTask(outer());
    await settled();
    task.cancel();
    await wait([task]);
    expect(() => task.result()).toThrow(CancelledError);
    expect([log, gate.cancelled()]).toEqual([[], false]);
    gate.setResult();
    await settled();
    expect(log).toEqual(["inner ended"]);
  }));
