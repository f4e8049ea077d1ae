import { CancelledError, Condition, createTask, sleep, timeout } from "tsyncio";
import { expect, test } from "vitest";
import { program } from "../../program.ts";
import { thrownBy } from "../../thrown-by.ts";

test("test_locks.py::ConditionTests.test_wait_cancel: a task that is cancelled while it waits leaves the line, and holds the lock again", () =>
  program(async ({ loop }) => {
    const condition = new Condition();
    await condition.acquire();
    const waiter = createTask(condition.wait());
    loop.callSoon(() => waiter.cancel());
    expect(await thrownBy(waiter)).toBeInstanceOf(CancelledError);
    expect(condition.statistics().waiters).toBe(0);
    expect(condition.locked()).toBe(true);
  }));

test("test_locks.py::ConditionTests.test_wait_cancel_contested: a task that is cancelled while it waits for the lock again ends with the lock held", () =>
  program(async ({ loop }) => {
    const condition = new Condition();
    await condition.acquire();
    const waiter = createTask(condition.wait());
    await sleep(0);
    expect(condition.locked()).toBe(false);

    await condition.acquire();
    expect(condition.locked()).toBe(true);
    condition.notify();
    loop.callSoon(() => waiter.cancel());
    loop.callSoon(() => condition.release());
    expect(await thrownBy(waiter)).toBeInstanceOf(CancelledError);
    expect(condition.locked()).toBe(true);
    expect(condition.statistics().lock.holder).toBe(waiter);
  }));

test("test_locks.py::ConditionTests.test_wait_cancel_after_notify: a cancellation that comes after the notification is put off until the lock is free, and then takes effect", () =>
  program(async ({ log }) => {
    const condition = new Condition();
    const waiting = async () => {
      using _guard = await condition.acquire();
      log.push("waits");
      try {
        await condition.wait();
        log.push("never");
      } finally {
        log.push(`locked: ${condition.locked()}`);
      }
    };
    const waiter = createTask(waiting());
    await sleep(0);
    await condition.acquire();
    condition.notify();
    await sleep(0);
    waiter.cancel();
    await sleep(0);
    expect(log).toEqual(["waits"]);
    condition.release();
    await sleep(0);
    expect(waiter.cancelled()).toBe(true);
    expect(log).toEqual(["waits", "locked: true"]);
    expect(condition.locked()).toBe(false);
  }));

/** A task that waits for something that never comes, and what went out of its wait. */
function waitingForever(condition: Condition) {
  const seen: { error?: unknown } = {};
  const waiting = async () => {
    using _guard = await condition.acquire();
    try {
      await condition.waitFor(() => false);
    } catch (error) {
      seen.error = error;
      throw error;
    }
  };
  return { task: createTask(waiting()), seen };
}

test("test_locks.py::ConditionTests.test_cancelled_error_wakeup: a cancellation goes out of the wait for a notification as the error that came in, with its message", () =>
  program(async () => {
    const { task, seen } = waitingForever(new Condition());
    await sleep(0);
    task.cancel("found elsewhere");
    const error = await thrownBy(task);
    expect(error).toBeInstanceOf(CancelledError);
    expect(error).toHaveProperty("message", "found elsewhere");
    expect(error).toBe(seen.error);
  }));

test("test_locks.py::ConditionTests.test_cancelled_error_re_aquire: a cancellation goes out of the wait for the lock as the error that came in, with its message", () =>
  program(async () => {
    const condition = new Condition();
    const { task, seen } = waitingForever(condition);
    await sleep(0);
    await condition.acquire();
    condition.notify();
    await sleep(0);
    expect(condition.statistics()).toMatchObject({ waiters: 0, lock: { waiters: 1 } });
    task.cancel("found elsewhere");
    condition.release();
    const error = await thrownBy(task);
    expect(error).toBeInstanceOf(CancelledError);
    expect(error).toHaveProperty("message", "found elsewhere");
    expect(error).toBe(seen.error);
  }));

test.each([
  [
    "test_locks.py::ConditionTests.test_cancelled_wakeup: a notification that finds its task cancelled goes to the next",
    0,
  ],
  [
    "test_locks.py::ConditionTests.test_cancelled_wakeup_relock: a notification whose task is cancelled while it waits for the lock goes to the next",
    1,
  ],
])("%s", (_, iterations) =>
  program(async ({ log }) => {
    const condition = new Condition();
    let items = 0;
    let closed = false;
    const consume = async (name: string) => {
      using _guard = await condition.acquire();
      for (;;) {
        await condition.waitFor(() => items > 0 || closed);
        if (closed) return name;
        items--;
        log.push(name);
        condition.notify();
      }
    };
    const [first, second] = ["first", "second"].map((name) => createTask(consume(name)));
    await sleep(0);
    {
      using _guard = await condition.acquire();
      items++;
      condition.notify(1);
      for (let i = 0; i < iterations; i++) await sleep(0);
      first.cancel();
      await timeout(10, async () => {
        await condition.waitFor(() => items === 0);
      });
      closed = true;
      condition.notifyAll();
    }
    expect(await second).toBe("second");
    expect(first.cancelled()).toBe(true);
    expect(log).toEqual(["second"]);
  }),
);
