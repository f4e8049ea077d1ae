import { CancelledError, Semaphore, createTask, run, sleep } from "tsyncio";
import { describe, expect, test } from "vitest";

async function enter(semaphore: Semaphore, name: string, log: string[]) {
  await semaphore.acquire();
  log.push(name);
}

function enterAll(semaphore: Semaphore, log: string[], names: string[]) {
  return names.map((name) => createTask(enter(semaphore, name, log)));
}

describe("Semaphore", () => {
  test("gives its permits without suspending", () =>
    run(async () => {
      const semaphore = new Semaphore(2);
      await semaphore.acquire();
      expect(semaphore.locked()).toBe(false);
      await semaphore.acquire();
      expect(semaphore.locked()).toBe(true);
      semaphore.release();
      expect(semaphore.locked()).toBe(false);
    }));

  test("has one permit by default", () => {
    expect(new Semaphore().statistics()).toEqual({ value: 1, waiters: 0 });
  });

  test("gets a permit back at the end of a using block", () =>
    run(async () => {
      const semaphore = new Semaphore(1);
      {
        using _permit = await semaphore.acquire();
        expect(semaphore.statistics().value).toBe(0);
      }
      expect(semaphore.statistics().value).toBe(1);
    }));

  test("gives a permit away at the release, so that a newcomer cannot overtake", () =>
    run(async () => {
      const semaphore = new Semaphore(0);
      const log: string[] = [];
      const tasks = enterAll(semaphore, log, ["a", "b", "c"]);
      await sleep(0);
      semaphore.release();
      semaphore.release();
      expect(semaphore.statistics()).toEqual({ value: 0, waiters: 3 });
      await sleep(0);
      expect(log).toEqual(["a", "b"]);
      expect(semaphore.statistics()).toEqual({ value: 0, waiters: 1 });
      semaphore.release();
      for (const task of tasks) await task;
      expect(log).toEqual(["a", "b", "c"]);
    }));

  test("is locked while a task that has its permit was not stepped, even if another permit is free", () =>
    run(async () => {
      const semaphore = new Semaphore(0);
      const log: string[] = [];
      const [first] = enterAll(semaphore, log, ["first"]);
      await sleep(0);
      semaphore.release();
      semaphore.release();
      expect(semaphore.statistics().value).toBe(1);
      expect(semaphore.locked()).toBe(true);
      const [second] = enterAll(semaphore, log, ["second"]);
      await sleep(0);
      expect(log).toEqual(["first", "second"]);
      await first;
      await second;
    }));

  test("gives a free permit to who had to queue behind a task with a permit", () =>
    run(async () => {
      const semaphore = new Semaphore(0);
      const log: string[] = [];
      const [first] = enterAll(semaphore, log, ["first"]);
      await sleep(0);
      semaphore.release();
      semaphore.release();
      await semaphore.acquire();
      log.push("main");
      await first;
      expect(log).toEqual(["first", "main"]);
      expect(semaphore.locked()).toBe(true);
    }));

  test.each([
    ["while it waits", (semaphore: Semaphore, cancel: () => void) => (cancel(), void semaphore)],
    ["right before the release", (semaphore: Semaphore, cancel: () => void) => (cancel(), semaphore.release())],
    ["right after the release", (semaphore: Semaphore, cancel: () => void) => (semaphore.release(), cancel())],
  ])("gives the permit to the next when the first is cancelled %s", (when, act) =>
    run(async () => {
      const semaphore = new Semaphore(0);
      const log: string[] = [];
      const [first, second] = enterAll(semaphore, log, ["first", "second"]);
      await sleep(0);
      act(semaphore, () => first.cancel());
      if (when === "while it waits") semaphore.release();
      await second;
      await expect(first).rejects.toBeInstanceOf(CancelledError);
      expect(log).toEqual(["second"]);
      expect(semaphore.statistics()).toEqual({ value: 0, waiters: 0 });
    }),
  );

  test("keeps the permit when its only waiter is cancelled right after the release", () =>
    run(async () => {
      const semaphore = new Semaphore(0);
      const [waiter] = enterAll(semaphore, [], ["waiter"]);
      await sleep(0);
      semaphore.release();
      waiter.cancel();
      await expect(waiter).rejects.toBeInstanceOf(CancelledError);
      expect(semaphore.statistics()).toEqual({ value: 1, waiters: 0 });
      expect(semaphore.locked()).toBe(false);
    }));

  test.each([-1, 1.5, NaN, "2"])("refuses %s permits", (value) => {
    expect(() => new Semaphore(value as number)).toThrow(
      new RangeError(`Cannot create Semaphore: value must be an integer >= 0, received ${value}`),
    );
  });

  test("belongs to the loop on which somebody had to wait for it", async () => {
    const semaphore = new Semaphore(0);
    const use = async () => {
      const task = createTask(semaphore.acquire());
      await sleep(0);
      semaphore.release();
      await task;
    };
    await run(use());
    await expect(run(use())).rejects.toThrow("Cannot wait for <Semaphore [locked]>: it is bound to a different");
  });

  test("tells its permits and waiters", () =>
    run(async () => {
      const semaphore = new Semaphore(3);
      expect(String(semaphore)).toBe("<Semaphore [unlocked, value:3]>");
      for (let i = 0; i < 3; i++) await semaphore.acquire();
      const tasks = enterAll(semaphore, [], ["a", "b"]);
      await sleep(0);
      expect(String(semaphore)).toBe("<Semaphore [locked, waiters:2]>");
      expect(semaphore.statistics()).toEqual({ value: 0, waiters: 2 });
      expect(Object.isFrozen(semaphore.statistics())).toBe(true);
      semaphore.release();
      semaphore.release();
      for (const task of tasks) await task;
    }));
});
