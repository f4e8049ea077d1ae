import {
  CancelledError,
  Condition,
  Lock,
  RuntimeError,
  createTask,
  run,
  sleep,
  cancelScope,
  getRunningLoop,
} from "tsyncio";
import { describe, expect, expectTypeOf, test } from "vitest";

async function wait(condition: Condition, name: string, log: string[]) {
  using _guard = await condition.acquire();
  try {
    await condition.wait();
    log.push(`${name} woke`);
  } catch (error) {
    log.push(`${name} ${(error as Error).name}, holds the lock: ${condition.locked()}`);
    throw error;
  }
}

function waitAll(condition: Condition, log: string[], names: string[]) {
  return names.map((name) => createTask(wait(condition, name, log)));
}

/** Notifies inside the lock. */
async function notify(condition: Condition, n: number) {
  using _guard = await condition.acquire();
  condition.notify(n);
}

describe("Condition", () => {
  test("frees the lock while a task waits", () =>
    run(async () => {
      const condition = new Condition();
      const [task] = waitAll(condition, [], ["a"]);
      await sleep(0);
      expect(condition.locked()).toBe(false);
      await notify(condition, 1);
      await task;
    }));

  test("wakes as many as were notified, in the order in which they came", () =>
    run(async () => {
      const condition = new Condition();
      const log: string[] = [];
      const tasks = waitAll(condition, log, ["a", "b", "c", "d"]);
      await sleep(0);
      await notify(condition, 0);
      await sleep(0);
      expect(log).toEqual([]);
      await notify(condition, 2);
      await sleep(0);
      expect(log).toEqual(["a woke", "b woke"]);
      await notify(condition, 10);
      for (const task of tasks) await task;
      expect(log).toEqual(["a woke", "b woke", "c woke", "d woke"]);
    }));

  test("lets a notified task go on only when the lock is free", () =>
    run(async () => {
      const condition = new Condition();
      const log: string[] = [];
      const [task] = waitAll(condition, log, ["a"]);
      await sleep(0);
      await condition.acquire();
      condition.notifyAll();
      await sleep(0);
      await sleep(0);
      expect(log).toEqual([]);
      condition.release();
      await task;
      expect(log).toEqual(["a woke"]);
    }));

  test("checks the predicate after each notification, and gives its value", () =>
    run(async () => {
      const condition = new Condition();
      const values = [0, 0, 7];
      const waiting = createTask(
        (async () => {
          using _guard = await condition.acquire();
          const value = await condition.waitFor(() => values.shift());
          expectTypeOf(value).toEqualTypeOf<number | undefined>();
          return value;
        })(),
      );
      for (let i = 0; i < 2; i++) {
        await sleep(0);
        await notify(condition, 1);
        await sleep(0);
      }
      expect(await waiting).toBe(7);
    }));

  test("needs no lock when the predicate holds at once", () =>
    run(async () => {
      expect(await new Condition().waitFor(() => "yes")).toBe("yes");
    }));

  test("hands on what the predicate throws", () =>
    run(async () => {
      const waiting = new Condition().waitFor(() => {
        throw new Error("no value");
      });
      await expect((async () => waiting)()).rejects.toThrow("no value");
    }));

  test("takes the lock again before a cancelled task goes on", () =>
    run(async () => {
      const condition = new Condition();
      const log: string[] = [];
      const [task] = waitAll(condition, log, ["a"]);
      await sleep(0);
      await condition.acquire();
      task.cancel("first");
      await sleep(0);
      await sleep(0);
      task.cancel("second");
      await sleep(0);
      expect(task.done()).toBe(false);
      condition.release();
      await expect(task).rejects.toEqual(new CancelledError("second"));
      expect(log).toEqual(["a CancelledError, holds the lock: true"]);
      expect(condition.locked()).toBe(false);
    }));

  test.each([
    ["right after", (condition: Condition, cancel: () => void) => (condition.notify(), cancel())],
    ["right before", (condition: Condition, cancel: () => void) => (cancel(), condition.notify())],
  ])("passes the notification on when a task is cancelled %s it", (_, act) =>
    run(async () => {
      const condition = new Condition();
      const log: string[] = [];
      const [first, second] = waitAll(condition, log, ["first", "second"]);
      await sleep(0);
      await condition.acquire();
      act(condition, () => first.cancel());
      condition.release();
      await second;
      expect(first.cancelled()).toBe(true);
      expect(log.at(-1)).toBe("second woke");
      expect(condition.locked()).toBe(false);
    }),
  );

  test("passes the notification on when a task is cancelled while it waits for the lock", () =>
    run(async () => {
      const condition = new Condition();
      const log: string[] = [];
      const [first, second] = waitAll(condition, log, ["first", "second"]);
      await sleep(0);
      await condition.acquire();
      condition.notify();
      await sleep(0);
      first.cancel();
      condition.release();
      await second;
      expect(log).toEqual(["first CancelledError, holds the lock: true", "second woke"]);
    }));

  test("shares a lock with other conditions", () =>
    run(async () => {
      const lock = new Lock();
      const [full, empty] = [new Condition(lock), new Condition(lock)];
      await full.acquire();
      expect(empty.locked()).toBe(true);
      lock.release();
      expect(full.locked()).toBe(false);
    }));

  test("refuses to wait or notify without the lock, and other locks than ours", () =>
    run(async () => {
      const condition = new Condition();
      await expect((async () => condition.wait())()).rejects.toThrow(
        new RuntimeError("Cannot wait on Condition: its lock is not held; acquire() it first"),
      );
      expect(() => condition.notify()).toThrow("Cannot notify Condition: its lock is not held; acquire() it first");
      expect(() => condition.notifyAll()).toThrow(RuntimeError);
      expect(() => condition.release()).toThrow("Cannot release Lock: it is not acquired");
      expect(() => new Condition({} as Lock)).toThrow(TypeError);
      expect(() => condition.waitFor(true as never)).toThrow(
        "Cannot wait on Condition: expected a predicate, received true",
      );
    }));

  test("belongs to the loop on which somebody had to wait for it, and keeps the lock when it refuses", async () => {
    const condition = new Condition();
    const use = async () => {
      const [task] = waitAll(condition, [], ["a"]);
      await sleep(0);
      await notify(condition, 1);
      await task;
    };
    await run(use());
    await run(async () => {
      await condition.acquire();
      await expect((async () => condition.wait())()).rejects.toThrow("is bound to a different event loop");
      expect(condition.locked()).toBe(true);
    });
  });

  test("tells its waiters and its lock", () =>
    run(async () => {
      const condition = new Condition();
      const tasks = waitAll(condition, [], ["a", "b"]);
      await sleep(0);
      expect(String(condition)).toBe("<Condition [unlocked, waiters:2]>");
      expect(condition.statistics()).toEqual({ waiters: 2, lock: { locked: false, holder: null, waiters: 0 } });
      await notify(condition, 2);
      for (const task of tasks) await task;
      expect(String(condition)).toBe("<Condition [unlocked]>");
    }));

  test("inside a cancelled scope, waits for its lock without turning in circles, and leaves with it", () =>
    run(async () => {
      const condition = new Condition();
      const log: string[] = [];
      const waiting = createTask(
        cancelScope(async (scope) => {
          using _guard = await condition.acquire();
          getRunningLoop().callLater(1, () => scope.cancel());
          try {
            await condition.wait();
          } finally {
            log.push(`held ${condition.locked()}`);
          }
        }),
      );
      await sleep(0);
      await condition.acquire();
      await sleep(2);
      const { iterations } = getRunningLoop().statistics();
      await sleep(3);
      expect(getRunningLoop().statistics().iterations - iterations).toBeLessThan(10);
      condition.release();
      await waiting;
      expect(log).toEqual(["held true"]);
      expect(condition.locked()).toBe(false);
    }));
});
