import { Lock, coroutine, createTask, newEventLoop, run, sleep } from "tsyncio";
import { describe, expect, test } from "vitest";

describe("Lock, in the generator spelling", () => {
  test("is handed from task to task", async () => {
    const lock = new Lock();
    const log: string[] = [];
    const work = coroutine(function* (name: string) {
      const guard = yield* lock.acquire();
      try {
        log.push(`${name} in`);
        yield* sleep(0);
        log.push(`${name} out`);
      } finally {
        guard[Symbol.dispose]();
      }
    });
    await run(
      coroutine(function* () {
        const tasks = ["a", "b"].map((name) => createTask(work(name)));
        for (const task of tasks) yield* task;
      }),
    );
    expect(log).toEqual(["a in", "a out", "b in", "b out"]);
  });

  test("is given to a task of its own by createTask", async () => {
    const lock = new Lock();
    await run(
      coroutine(function* () {
        yield* createTask(lock.acquire());
        expect(lock.locked()).toBe(true);
        const waiting = createTask(lock.acquire());
        yield* sleep(0);
        waiting.cancel();
        yield* sleep(0);
        yield* sleep(0);
        expect(waiting.cancelled()).toBe(true);
        expect(lock.statistics().waiters).toBe(0);
      }),
    );
  });

  test("can be awaited by native code", async () => {
    const lock = new Lock();
    {
      using _guard = await lock.acquire();
      expect(lock.locked()).toBe(true);
    }
    expect(lock.locked()).toBe(false);
  });

  test("cannot be waited for where there is no task", async () => {
    const loop = newEventLoop();
    const lock = new Lock();
    await loop.runUntilComplete(lock.acquire());
    const outside = lock.acquire() as unknown as { enter(): unknown };
    expect(() => outside.enter()).toThrow("Cannot wait in Lock.acquire: there is no current task");
    expect(lock.statistics().waiters).toBe(0);
    loop.close();
  });
});
