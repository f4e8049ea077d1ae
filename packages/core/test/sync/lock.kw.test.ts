import { CancelledError, Lock, RuntimeError, createTask, currentTask, run, sleep } from "tsyncio";
import { describe, expect, expectTypeOf, test } from "vitest";

/** Takes the lock, logs its name, gives way once, and releases. */
async function hold(lock: Lock, name: string, log: string[]) {
  using _guard = await lock.acquire();
  log.push(name);
  await sleep(0);
}

describe("Lock", () => {
  test("is taken without suspending when it is free", () =>
    run(async () => {
      const lock = new Lock();
      const other = createTask(hold(new Lock(), "other", []));
      await lock.acquire();
      expect(lock.locked()).toBe(true);
      lock.release();
      expect(lock.locked()).toBe(false);
      expect(other.getStack()).toHaveLength(1);
      await other;
    }));

  test("gives the same guard at every acquire, which is no thenable", () =>
    run(async () => {
      const lock = new Lock();
      const first = await lock.acquire();
      lock.release();
      const second = await lock.acquire();
      expect(first).toBe(second);
      expect("then" in first).toBe(false);
      expectTypeOf(first).toExtend<Disposable>();
    }));

  test("is released at the end of a using block, also by an error", () =>
    run(async () => {
      const lock = new Lock();
      const failing = async () => {
        using _guard = await lock.acquire();
        expect(lock.locked()).toBe(true);
        throw new Error("inside");
      };
      await expect(failing()).rejects.toThrow("inside");
      expect(lock.locked()).toBe(false);
    }));

  test("serves tasks in the order in which they came, and a task that asks again comes last", () =>
    run(async () => {
      const lock = new Lock();
      const log: string[] = [];
      await lock.acquire();
      const tasks = ["a", "b", "c"].map((name) => createTask(hold(lock, name, log)));
      await sleep(0);
      lock.release();
      expect(lock.locked()).toBe(false);
      await lock.acquire();
      log.push("main");
      lock.release();
      for (const task of tasks) await task;
      expect(log).toEqual(["a", "b", "c", "main"]);
    }));

  test("goes to the next task when the first is cancelled while it waits", () =>
    run(async () => {
      const lock = new Lock();
      const log: string[] = [];
      await lock.acquire();
      const [first, second] = ["first", "second"].map((name) => createTask(hold(lock, name, log)));
      await sleep(0);
      first.cancel();
      await expect(first).rejects.toBeInstanceOf(CancelledError);
      lock.release();
      await second;
      expect(log).toEqual(["second"]);
    }));

  test.each([
    ["after", (lock: Lock, cancel: () => void) => (lock.release(), cancel())],
    ["before", (lock: Lock, cancel: () => void) => (cancel(), lock.release())],
  ])("goes to the next task when the first is cancelled right %s the release", (_, act) =>
    run(async () => {
      const lock = new Lock();
      const log: string[] = [];
      await lock.acquire();
      const [first, second] = ["first", "second"].map((name) => createTask(hold(lock, name, log)));
      await sleep(0);
      act(lock, () => first.cancel());
      await second;
      expect(first.cancelled()).toBe(true);
      expect(log).toEqual(["second"]);
      expect(lock.locked()).toBe(false);
    }),
  );

  test("is free when its only waiter is cancelled right after the release", () =>
    run(async () => {
      const lock = new Lock();
      await lock.acquire();
      const waiter = createTask(hold(lock, "waiter", []));
      await sleep(0);
      lock.release();
      waiter.cancel();
      await expect(waiter).rejects.toBeInstanceOf(CancelledError);
      expect(lock.statistics()).toEqual({ locked: false, holder: null, waiters: 0 });
    }));

  test("may be taken at once when all who wait are cancelled", () =>
    run(async () => {
      const lock = new Lock();
      await lock.acquire();
      const waiter = createTask(hold(lock, "waiter", []));
      await sleep(0);
      waiter.cancel();
      lock.release();
      await lock.acquire();
      expect(waiter.done()).toBe(false);
      lock.release();
    }));

  test("keeps a task that withdraws its cancellation in line", () =>
    run(async () => {
      const lock = new Lock();
      const log: string[] = [];
      await lock.acquire();
      const waiter = createTask(hold(lock, "waiter", log));
      await sleep(0);
      lock.release();
      waiter.cancel();
      waiter.uncancel();
      await waiter;
      expect(log).toEqual(["waiter"]);
    }));

  test("refuses to be released when nobody holds it", () => {
    const lock = new Lock();
    expect(() => lock.release()).toThrow(new RuntimeError("Cannot release Lock: it is not acquired"));
  });

  test("refuses an acquire that is awaited twice", () =>
    run(async () => {
      const acquire = new Lock().acquire();
      await acquire;
      await expect((async () => acquire)()).rejects.toThrow("Cannot await Lock.acquire: it has already been awaited");
    }));

  test("belongs to the loop on which somebody had to wait for it", async () => {
    const lock = new Lock();
    const contend = async () => {
      await lock.acquire();
      const waiter = createTask(hold(lock, "waiter", []));
      await sleep(0);
      lock.release();
      await waiter;
    };
    await run(contend());
    await expect(run(contend())).rejects.toThrow(
      "Cannot wait for <Lock [locked]>: it is bound to a different event loop; make one for each loop",
    );
  });

  test("may be used on several loops as long as nobody waits", async () => {
    const lock = new Lock();
    const log: string[] = [];
    for (const name of ["first", "second"]) await run(hold(lock, name, log));
    expect(log).toEqual(["first", "second"]);
  });

  test("tells its holder, its waiters and its state", () =>
    run(async () => {
      const lock = new Lock();
      expect(String(lock)).toBe("<Lock [unlocked]>");
      await lock.acquire();
      const tasks = ["a", "b"].map((name) => createTask(hold(lock, name, [])));
      await sleep(0);
      expect(String(lock)).toBe("<Lock [locked, waiters:2]>");
      const { locked, holder, waiters } = lock.statistics();
      expect([locked, holder === currentTask(), waiters]).toEqual([true, true, 2]);
      expect(Object.isFrozen(lock.statistics())).toBe(true);
      lock.release();
      await sleep(0);
      expect(lock.statistics().holder).toBe(tasks[0]);
      for (const task of tasks) await task;
      expect(lock.statistics()).toEqual({ locked: false, holder: null, waiters: 0 });
    }));
});
