import { Condition, Lock, RuntimeError, TimeoutError, createTask, newEventLoop, sleep, waitFor } from "tsyncio";
import { expect, test } from "vitest";
import { program } from "../../program.ts";
import { VirtualHost } from "../../../test/virtual-host.ts";
import { thrownBy } from "../../thrown-by.ts";

const NOT_HELD_TO_WAIT = new RuntimeError("Cannot wait on Condition: its lock is not held; acquire() it first");
const NOT_HELD_TO_NOTIFY = new RuntimeError("Cannot notify Condition: its lock is not held; acquire() it first");

/** Waits for a notification, and releases the lock. */
async function waitOnce(condition: Condition, name: string, log: unknown[]) {
  using _guard = await condition.acquire();
  log.push(`${name} ${await condition.wait()}`);
  return name;
}

test("test_locks.py::ConditionTests.test_wait: a notified task goes on once it has the lock, one after the other", () =>
  program(async ({ log }) => {
    const condition = new Condition();
    const waiting = async (name: string) => {
      await condition.acquire();
      log.push(`${name} ${await condition.wait()}`);
      return name;
    };
    const tasks = ["a", "b", "c"].map((name) => createTask(waiting(name)));
    await sleep(0);
    expect([log, condition.locked()]).toEqual([[], false]);

    await condition.acquire();
    condition.notify();
    await sleep(0);
    expect([log, condition.locked()]).toEqual([[], true]);

    condition.release();
    await sleep(0);
    expect([log, condition.locked()]).toEqual([["a true"], true]);

    condition.notify(2);
    await sleep(0);
    expect([log, condition.locked()]).toEqual([["a true"], true]);

    condition.release();
    await sleep(0);
    expect([log, condition.locked()]).toEqual([["a true", "b true"], true]);

    condition.release();
    await sleep(0);
    expect([log, condition.locked()]).toEqual([["a true", "b true", "c true"], true]);
    expect(tasks.map((task) => task.result())).toEqual(["a", "b", "c"]);
  }));

test("test_locks.py::ConditionTests.test_wait_unacquired: waiting is refused when the lock is not held", () =>
  program(async () => {
    const condition = new Condition();
    expect(await thrownBy(condition.wait())).toEqual(NOT_HELD_TO_WAIT);
    expect(condition.locked()).toBe(false);
  }));

test("test_locks.py::ConditionTests.test_wait_for: waitFor() goes on waiting after a notification that finds the predicate false", () =>
  program(async ({ log }) => {
    const condition = new Condition();
    let met = false;
    const waiting = async () => {
      using _guard = await condition.acquire();
      log.push(await condition.waitFor(() => met));
      return "done";
    };
    const task = createTask(waiting());
    await sleep(0);
    const notify = async () => {
      using _guard = await condition.acquire();
      condition.notify();
    };
    await notify();
    await sleep(0);
    expect(log).toEqual([]);
    expect(condition.statistics().waiters).toBe(1);

    met = true;
    await notify();
    await sleep(0);
    expect(log).toEqual([true]);
    expect(task.result()).toBe("done");
  }));

test("test_locks.py::ConditionTests.test_wait_for_unacquired: waitFor() gives the value of a predicate that is met at once, and needs the lock only to wait", () =>
  program(async () => {
    const condition = new Condition();
    const value = [1, 2, 3];
    expect(await condition.waitFor(() => value)).toBe(value);
    expect(await thrownBy(condition.waitFor(() => false))).toEqual(NOT_HELD_TO_WAIT);
  }));

test("test_locks.py::ConditionTests.test_notify: notify(n) wakes n tasks in their order, and all of them when there are fewer", () =>
  program(async ({ log }) => {
    const condition = new Condition();
    const tasks = ["a", "b", "c"].map((name) => createTask(waitOnce(condition, name, log)));
    await sleep(0);
    expect(log).toEqual([]);

    await condition.acquire();
    condition.notify(1);
    condition.release();
    await sleep(0);
    expect(log).toEqual(["a true"]);

    await condition.acquire();
    condition.notify(1);
    condition.notify(2048);
    condition.release();
    await sleep(0);
    expect(log).toEqual(["a true", "b true", "c true"]);
    expect(tasks.map((task) => task.result())).toEqual(["a", "b", "c"]);
  }));

test("test_locks.py::ConditionTests.test_notify_all: notifyAll() wakes every task, in their order", () =>
  program(async ({ log }) => {
    const condition = new Condition();
    const tasks = ["a", "b"].map((name) => createTask(waitOnce(condition, name, log)));
    await sleep(0);
    expect(log).toEqual([]);

    await condition.acquire();
    condition.notifyAll();
    condition.release();
    await sleep(0);
    expect(log).toEqual(["a true", "b true"]);
    expect(tasks.map((task) => task.result())).toEqual(["a", "b"]);
  }));

test("test_locks.py::ConditionTests.test_notify_unacquired: notify() is refused when the lock is not held", () => {
  expect(() => new Condition().notify()).toThrow(NOT_HELD_TO_NOTIFY);
});

test("test_locks.py::ConditionTests.test_notify_all_unacquired: notifyAll() is refused when the lock is not held", () => {
  expect(() => new Condition().notifyAll()).toThrow(NOT_HELD_TO_NOTIFY);
});

test("test_locks.py::ConditionTests.test_repr: the text of a condition tells whether its lock is held and how many wait for a notification", () =>
  program(async ({ log }) => {
    const condition = new Condition();
    expect(String(condition)).toBe("<Condition [unlocked]>");
    await condition.acquire();
    expect(String(condition)).toBe("<Condition [locked]>");
    condition.release();

    const tasks = [createTask(waitOnce(condition, "a", log))];
    await sleep(0);
    expect(String(condition)).toBe("<Condition [unlocked, waiters:1]>");
    tasks.push(createTask(waitOnce(condition, "b", log)));
    await sleep(0);
    await condition.acquire();
    expect(String(condition)).toBe("<Condition [locked, waiters:2]>");
    condition.notifyAll();
    condition.release();
    for (const task of tasks) await task;
  }));

test("test_locks.py::ConditionTests.test_context_manager: a guard holds the lock of the condition until the end of its block", () =>
  program(async ({ log }) => {
    const condition = new Condition();
    log.push(condition.locked());
    {
      using _guard = await condition.acquire();
      log.push(condition.locked());
    }
    log.push(condition.locked());
    expect(log).toEqual([false, true, false]);
  }));

test("test_locks.py::ConditionTests.test_explicit_lock: a condition with a lock of one's own is held and freed together with it", () =>
  program(async ({ log }) => {
    const lock = new Lock();
    const condition = new Condition(lock);
    const look = (when: string) => log.push(`${when}: ${lock.locked()} ${condition.locked()}`);
    look("at first");
    {
      using _guard = await condition.acquire();
      look("condition acquired");
    }
    look("condition released");
    {
      using _guard = await lock.acquire();
      look("lock acquired");
    }
    look("lock released");
    expect(log).toEqual([
      "at first: false false",
      "condition acquired: true true",
      "condition released: false false",
      "lock acquired: true true",
      "lock released: false false",
    ]);
  }));

test("test_locks.py::ConditionTests.test_ambiguous_loops: neither a condition nor its lock can be waited for on another loop than the first", async () => {
  const lock = new Lock();
  const condition = new Condition();
  const elsewhere = newEventLoop({ host: new VirtualHost() });
  const bind = async () => {
    using _guard = await lock.acquire();
    const waiters = [createTask(lock.acquire()), createTask(waitOnce(condition, "elsewhere", []))];
    await sleep(0);
    waiters[0].cancel();
    await condition.acquire();
    condition.notify();
    condition.release();
    await waiters[1];
  };
  await elsewhere.runUntilComplete(bind());
  elsewhere.close();

  await program(async () => {
    {
      // It is free: no loop is asked for.
      using _guard = await lock.acquire();
      const other = new Condition(lock);
      expect(await thrownBy(other.acquire())).toEqual(
        new RuntimeError(
          "Cannot wait for <Lock [locked]>: it is bound to a different event loop; make one for each loop",
        ),
      );
    }
    using _guard = await condition.acquire();
    expect(await thrownBy(condition.wait())).toEqual(
      new RuntimeError(
        "Cannot wait for <Condition [locked]>: it is bound to a different event loop; make one for each loop",
      ),
    );
    expect(condition.locked()).toBe(true);
  });
});

test("test_locks.py::ConditionTests.test_timeout_in_block: a wait that times out ends with the lock held", () =>
  program(async ({ loop }) => {
    const condition = new Condition();
    {
      using _guard = await condition.acquire();
      expect(await thrownBy(waitFor(condition.wait(), 500))).toBeInstanceOf(TimeoutError);
      expect([condition.locked(), loop.time()]).toEqual([true, 500]);
    }
    expect(condition.locked()).toBe(false);
  }));
