import { CancelledError, Event, createTask, run, sleep } from "tsyncio";
import { describe, expect, expectTypeOf, test } from "vitest";

async function wait(event: Event, name: string, log: string[]) {
  await event.wait();
  log.push(name);
}

describe("Event", () => {
  test("lets through without suspending once it is set", () =>
    run(async () => {
      const event = new Event();
      const log: string[] = [];
      const other = createTask(wait(event, "other", log));
      event.set();
      const woken = await event.wait();
      expectTypeOf(woken).toEqualTypeOf<true>();
      expect([woken, event.isSet(), log]).toEqual([true, true, []]);
      await other;
    }));

  test("wakes all who wait in the order in which they came, even if it is cleared at once", () =>
    run(async () => {
      const event = new Event();
      const log: string[] = [];
      const tasks = ["a", "b", "c"].map((name) => createTask(wait(event, name, log)));
      await sleep(0);
      event.set();
      event.clear();
      await sleep(0);
      expect(log).toEqual(["a", "b", "c"]);
      expect(event.isSet()).toBe(false);
      for (const task of tasks) await task;
    }));

  test("lets who comes after clear() wait for the next set()", () =>
    run(async () => {
      const event = new Event();
      const log: string[] = [];
      event.set();
      event.clear();
      const task = createTask(wait(event, "late", log));
      await sleep(0);
      await sleep(0);
      expect(log).toEqual([]);
      event.set();
      await task;
      expect(log).toEqual(["late"]);
    }));

  test.each([
    ["while it waits", () => {}],
    ["right before it is set", (event: Event, cancel: () => void) => (cancel(), event.set())],
    ["right after it was set", (event: Event, cancel: () => void) => (event.set(), cancel())],
  ])("forgets a task that is cancelled %s", (_, act) =>
    run(async () => {
      const event = new Event();
      const log: string[] = [];
      const [first, second] = ["first", "second"].map((name) => createTask(wait(event, name, log)));
      await sleep(0);
      act(event, () => first.cancel());
      first.cancel();
      await expect(first).rejects.toBeInstanceOf(CancelledError);
      event.set();
      await second;
      expect(log).toEqual(["second"]);
      expect(event.statistics()).toEqual({ isSet: true, waiters: 0 });
    }),
  );

  test("belongs to the loop on which somebody had to wait for it", async () => {
    const event = new Event();
    const use = async () => {
      event.clear();
      const task = createTask(event.wait());
      await sleep(0);
      event.set();
      await task;
    };
    await run(use());
    await expect(run(use())).rejects.toThrow("Cannot wait for <Event [unset]>: it is bound to a different event loop");
  });

  test("tells its waiters and its state", () =>
    run(async () => {
      const event = new Event();
      expect(String(event)).toBe("<Event [unset]>");
      const tasks = ["a", "b"].map((name) => createTask(wait(event, name, [])));
      await sleep(0);
      expect(String(event)).toBe("<Event [unset, waiters:2]>");
      expect(event.statistics()).toEqual({ isSet: false, waiters: 2 });
      event.set();
      expect(String(event)).toBe("<Event [set]>");
      for (const task of tasks) await task;
    }));
});
