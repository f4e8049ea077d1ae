import { CancelledError, type Future, Lock, RuntimeError, createTask, currentTask, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { program } from "../../program.ts";
import { thrownBy } from "../../thrown-by.ts";

/** Takes the lock and keeps it. */
async function take(lock: Lock, name: string, log: unknown[]) {
  await lock.acquire();
  log.push(name);
  return name;
}

test("test_locks.py::LockTests.test_acquire: each release lets one task in, the one that has waited longest", () =>
  program(async ({ log }) => {
    const lock = new Lock();
    const guard = await lock.acquire();
    const [first, second] = ["first", "second"].map((name) => createTask(take(lock, name, log)));
    await sleep(0);
    expect(log).toEqual([]);

    guard[Symbol.dispose]();
    await sleep(0);
    expect(log).toEqual(["first"]);
    await sleep(0);
    expect(log).toEqual(["first"]);

    const third = createTask(take(lock, "third", log));
    lock.release();
    await sleep(0);
    expect(log).toEqual(["first", "second"]);

    lock.release();
    await sleep(0);
    expect(log).toEqual(["first", "second", "third"]);
    expect([first, second, third].map((task) => task.result())).toEqual(["first", "second", "third"]);
  }));

test("test_locks.py::LockTests.test_acquire_cancel: a task that is cancelled while it waits leaves the line, and the lock stays with its holder", () =>
  program(async ({ loop }) => {
    const lock = new Lock();
    await lock.acquire();
    const waiter = createTask(lock.acquire());
    loop.callSoon(() => waiter.cancel());
    expect(await thrownBy(waiter)).toBeInstanceOf(CancelledError);
    expect(String(lock)).toBe("<Lock [locked]>");
    expect(lock.statistics().holder).toBe(currentTask());
  }));

test("test_locks.py::LockTests.test_cancel_race: a lock that is released while the first in line is being cancelled goes to the second", () =>
  program(async ({ log, loop }) => {
    const lock = new Lock();
    const work = async (name: string, until?: Future<void>) => {
      using _guard = await lock.acquire();
      log.push(name);
      if (until !== undefined) await until;
    };
    const leave = loop.createFuture<void>();
    const holder = createTask(work("holder", leave));
    await sleep(0);
    expect(lock.locked()).toBe(true);
    const first = createTask(work("first"));
    await sleep(0);
    expect(lock.statistics().waiters).toBe(1);
    const second = createTask(work("second"));
    await sleep(0);
    expect(lock.statistics().waiters).toBe(2);

    leave.setResult();
    first.cancel();
    expect(lock.statistics().waiters).toBe(1);
    await sleep(0);
    expect([lock.locked(), holder.done(), first.cancelled()]).toEqual([false, true, true]);
    await second;
    expect(log).toEqual(["holder", "second"]);
  }));

test("test_locks.py::LockTests.test_cancel_release_race: when the first of three in line is cancelled together with a release, just one other takes the lock", () =>
  program(async ({ log, loop }) => {
    const lock = new Lock();
    await lock.acquire();
    const ask = async (name: string) => {
      log.push(`${name} asks`);
      await take(lock, name, log);
    };
    const [first, second, third] = ["first", "second", "third"].map((name) => createTask(ask(name)));
    await sleep(0);
    loop.callSoon(() => {
      first.cancel();
      lock.release();
    });
    expect(await thrownBy(first)).toBeInstanceOf(CancelledError);
    expect(log).toEqual(["first asks", "second asks", "third asks", "second"]);
    expect([first.cancelled(), second.done(), third.done()]).toEqual([true, true, false]);

    third.cancel();
    await sleep(0);
    expect(third.cancelled()).toBe(true);
    expect(lock.locked()).toBe(true);
  }));

test("test_locks.py::LockTests.test_finished_waiter_cancelled: a free lock is taken without waiting when all who stand in line are cancelled", () =>
  program(async () => {
    const lock = new Lock();
    await lock.acquire();
    const first = createTask(lock.acquire());
    await sleep(0);
    expect(lock.statistics().waiters).toBe(1);
    const second = createTask(lock.acquire());
    first.cancel();
    lock.release();
    await sleep(0);
    expect(lock.locked()).toBe(true);
    expect(first.cancelled()).toBe(true);
    expect(lock.statistics().holder).toBe(second);
    await second;
  }));

test("test_locks.py::LockTests.test_release_not_acquired: a lock that nobody holds cannot be released", () => {
  const lock = new Lock();
  expect(() => lock.release()).toThrow(new RuntimeError("Cannot release Lock: it is not acquired"));
  expect(lock.locked()).toBe(false);
});

test("test_locks.py::LockTests.test_release_no_waiters: a lock for which nobody waits is free right after its release", () =>
  program(async () => {
    const lock = new Lock();
    await lock.acquire();
    expect(lock.locked()).toBe(true);
    lock.release();
    expect(lock.locked()).toBe(false);
  }));

test("test_locks.py::LockTests.test_context_manager: a guard holds the lock until the end of its block", () =>
  program(async ({ log }) => {
    const lock = new Lock();
    log.push(lock.locked());
    {
      using _guard = await lock.acquire();
      log.push(lock.locked());
    }
    log.push(lock.locked());
    expect(log).toEqual([false, true, false]);
  }));

test("test_locks.py::LockTests.test_repr: the text of a lock tells whether it is held", () =>
  program(async () => {
    const lock = new Lock();
    expect(String(lock)).toBe("<Lock [unlocked]>");
    await lock.acquire();
    expect(String(lock)).toBe("<Lock [locked]>");
  }));
