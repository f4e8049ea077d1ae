import {
  BoundedSemaphore,
  CancelledError,
  RuntimeError,
  Semaphore,
  type Task,
  createTask,
  gather,
  sleep,
  taskGroup,
  waitFor,
} from "tsyncio";
import { expect, test } from "vitest";
import { program } from "../../program.ts";
import { thrownBy } from "../../thrown-by.ts";

/** Takes a permit and keeps it. */
async function take(semaphore: Semaphore, name: string, log: unknown[]) {
  await semaphore.acquire();
  log.push(name);
  return name;
}

test("test_locks.py::SemaphoreTests.test_initial_value_zero: a semaphore may begin without permits, and is locked then", () => {
  expect(new Semaphore(0).locked()).toBe(true);
});

test("test_locks.py::SemaphoreTests.test_semaphore_value: a semaphore cannot begin with less than no permits", () => {
  expect(() => new Semaphore(-1)).toThrow(
    new RangeError("Cannot create Semaphore: value must be an integer >= 0, received -1"),
  );
});

test("test_locks.py::SemaphoreTests.test_repr: the text of a semaphore tells its permits and how many wait", () =>
  program(async ({ log }) => {
    const semaphore = new Semaphore();
    expect(String(semaphore)).toBe("<Semaphore [unlocked, value:1]>");
    await semaphore.acquire();
    expect(String(semaphore)).toBe("<Semaphore [locked]>");
    const first = createTask(take(semaphore, "first", log));
    await sleep(0);
    expect(String(semaphore)).toBe("<Semaphore [locked, waiters:1]>");
    const second = createTask(take(semaphore, "second", log));
    await sleep(0);
    expect(String(semaphore)).toBe("<Semaphore [locked, waiters:2]>");
    semaphore.release();
    semaphore.release();
    await gather(first, second);
  }));

test("test_locks.py::SemaphoreTests.test_acquire: permits go out until none is left, and each release lets one waiting task in", () =>
  program(async ({ log }) => {
    const semaphore = new Semaphore(3);
    await semaphore.acquire();
    const guard = await semaphore.acquire();
    expect(semaphore.locked()).toBe(false);
    const [first, second, third] = ["first", "second", "third"].map((name) => createTask(take(semaphore, name, log)));
    await sleep(0);
    expect(log).toEqual(["first"]);
    expect(semaphore.locked()).toBe(true);
    expect(semaphore.statistics()).toEqual({ value: 0, waiters: 2 });

    const fourth = createTask(take(semaphore, "fourth", log));
    semaphore.release();
    guard[Symbol.dispose]();
    // Both permits belong to the tasks in line from the release on.
    expect(semaphore.statistics().value).toBe(0);
    await sleep(0);
    expect(log).toEqual(["first", "second", "third"]);
    expect(semaphore.locked()).toBe(true);
    expect(semaphore.statistics()).toEqual({ value: 0, waiters: 1 });
    expect([first, second, third].map((task) => task.result())).toEqual(["first", "second", "third"]);

    semaphore.release();
    expect(await fourth).toBe("fourth");
  }));

test("test_locks.py::SemaphoreTests.test_acquire_cancel: a task that is cancelled while it waits leaves the line without a permit", () =>
  program(async ({ loop }) => {
    const semaphore = new Semaphore();
    await semaphore.acquire();
    const waiter = createTask(semaphore.acquire());
    loop.callSoon(() => waiter.cancel());
    expect(await thrownBy(waiter)).toBeInstanceOf(CancelledError);
    expect(semaphore.statistics()).toEqual({ value: 0, waiters: 0 });
    semaphore.release();
    expect(semaphore.statistics().value).toBe(1);
  }));

test("test_locks.py::SemaphoreTests.test_acquire_cancel_before_awoken: a permit passes over the cancelled at the head of the line, to the next one only", () =>
  program(async ({ log }) => {
    const semaphore = new Semaphore(0);
    const [first, second, third, fourth] = ["first", "second", "third", "fourth"].map((name) =>
      createTask(take(semaphore, name, log)),
    );
    await sleep(0);
    first.cancel();
    second.cancel();
    semaphore.release();
    await sleep(0);
    await sleep(0);
    expect([first.cancelled(), second.cancelled(), third.done(), fourth.done()]).toEqual([true, true, true, false]);
    expect(log).toEqual(["third"]);

    third.cancel();
    fourth.cancel();
    await sleep(0);
    expect([third.cancelled(), fourth.cancelled()]).toEqual([false, true]);
  }));

test("test_locks.py::SemaphoreTests.test_acquire_hang: a permit that is released right after the only other waiter was cancelled is not lost", () =>
  program(async () => {
    const semaphore = new Semaphore(0);
    const [first, second] = [createTask(semaphore.acquire()), createTask(semaphore.acquire())];
    await sleep(0);
    first.cancel();
    semaphore.release();
    await sleep(0);
    await sleep(0);
    expect(semaphore.locked()).toBe(true);
    expect([first.cancelled(), second.done()]).toEqual([true, true]);
  }));

test("test_locks.py::SemaphoreTests.test_acquire_no_hang: a permit that was given to a task and finds it cancelled goes back", () =>
  program(async ({ log }) => {
    const semaphore = new Semaphore(1);
    const holding = async () => {
      {
        using _permit = await semaphore.acquire();
        await sleep(0);
      }
      log.push(`waits: ${semaphore.statistics().waiters}`);
      second.cancel();
    };
    const waiting = async () => {
      using _permit = await semaphore.acquire();
      log.push("never");
    };
    const first = createTask(holding());
    const second = createTask(waiting());
    const [one, two] = await gather([first, second], { returnExceptions: true });
    expect(one).toBeUndefined();
    expect(two).toBeInstanceOf(CancelledError);
    expect(log).toEqual(["waits: 1"]);
    await waitFor(semaphore.acquire(), 1000);
  }));

test("test_locks.py::SemaphoreTests.test_release_not_acquired: a bounded semaphore refuses to have more permits than at first", () => {
  const semaphore = new BoundedSemaphore();
  expect(() => semaphore.release()).toThrow(
    new RuntimeError("Cannot release BoundedSemaphore: it was released too many times; all of its 1 permits are free"),
  );
  expect(semaphore.statistics()).toEqual({ value: 1, waiters: 0, bound: 1 });
});

test("test_locks.py::SemaphoreTests.test_release_no_waiters: a permit for which nobody waits is free right after its release", () =>
  program(async () => {
    const semaphore = new Semaphore();
    await semaphore.acquire();
    expect(semaphore.locked()).toBe(true);
    semaphore.release();
    expect(semaphore.locked()).toBe(false);
  }));

test("test_locks.py::SemaphoreTests.test_acquire_fifo_order: a task that releases and asks again stands behind all who waited", () =>
  program(async ({ log }) => {
    const semaphore = new Semaphore(1);
    const twice = async (name: string) => {
      for (const round of [1, 2]) {
        await semaphore.acquire();
        log.push(`${name} ${round}`);
        await sleep(10);
        semaphore.release();
      }
    };
    await taskGroup(async (tg) => {
      for (const name of ["a", "b", "c"]) tg.createTask(twice(name));
    });
    expect(log).toEqual(["a 1", "b 1", "c 1", "a 2", "b 2", "c 2"]);
  }));

test("test_locks.py::SemaphoreTests.test_acquire_fifo_order_2: a task that releases and asks again without suspending does not overtake one that waits", () =>
  program(async ({ log }) => {
    const semaphore = new Semaphore(1);
    const again = async () => {
      await take(semaphore, "second", log);
      semaphore.release();
      await take(semaphore, "second again", log);
    };
    const tasks = [take(semaphore, "first", log), again(), take(semaphore, "third", log)].map((coro) =>
      createTask<unknown>(coro),
    );
    await sleep(0);
    semaphore.release();
    semaphore.release();
    await gather(tasks);
    expect(log).toEqual(["first", "second", "third", "second again"]);
  }));

test("test_locks.py::SemaphoreTests.test_acquire_fifo_order_3: the order of the others stands when the first in line is cancelled", () =>
  program(async ({ log }) => {
    const semaphore = new Semaphore(0);
    const tasks = ["first", "second", "third"].map((name) => createTask(take(semaphore, name, log)));
    await sleep(0);
    tasks[0].cancel();
    await sleep(0);
    semaphore.release();
    semaphore.release();
    const [first, ...others] = await gather(tasks, { returnExceptions: true });
    expect(first).toBeInstanceOf(CancelledError);
    expect(others).toEqual(["second", "third"]);
    expect(log).toEqual(["second", "third"]);
  }));

test("test_locks.py::SemaphoreTests.test_acquire_fifo_order_4: a task that gets its permit wakes all behind it for whom permits are left, before whoever it starts", () =>
  program(async ({ log }) => {
    const semaphore = new Semaphore(0);
    const started: Task<void>[] = [];
    const beginning = async () => {
      await take(semaphore, "first", log);
      expect(semaphore.statistics().value).toBe(0);
      const starting = async () => void log.push("fourth");
      started.push(createTask(starting()));
    };
    const releasing = async () => {
      for (let permits = 1; permits <= 3; permits++) semaphore.release();
      // The first in line has its permit from the release on; two are left, but not for a newcomer.
      expect(semaphore.statistics().value).toBe(2);
      expect(semaphore.locked()).toBe(true);
      await take(semaphore, "second", log);
    };
    const last = async () => {
      await semaphore.acquire();
      log.push("third", semaphore.locked());
    };
    const first = createTask(beginning());
    const [second, third] = [createTask(releasing()), createTask(last())];
    await sleep(0);
    expect(semaphore.statistics()).toEqual({ value: 2, waiters: 3 });
    await sleep(0);
    await gather(first, second, third);
    await gather(started);
    expect(log).toEqual(["first", "second", "third", true, "fourth"]);
  }));
