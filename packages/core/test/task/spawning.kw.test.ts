import { allTasks, currentTask, getRunningLoop, run, sleep, spawning } from "tsyncio";
import { describe, expect, expectTypeOf, test } from "vitest";

/** What the exception handler is told while `main` runs, and until `run` has ended. */
async function reports(main: () => PromiseLike<unknown>): Promise<unknown[]> {
  const seen: unknown[] = [];
  await run(async () => {
    getRunningLoop().setExceptionHandler((_, { message, exception }) => void seen.push(message, exception));
    await main();
  });
  return seen;
}

describe("spawning", () => {
  test("makes a plain callback: each call schedules a task with its arguments", async () => {
    const log: unknown[] = [];
    const seen = await reports(async () => {
      const callback = spawning(async function note(this: unknown, ...args: number[]) {
        await sleep(0);
        log.push(args, this, currentTask() !== null);
      });
      expectTypeOf(callback).returns.toEqualTypeOf<void>();
      const owner = { callback };
      owner.callback(1, 2);
      getRunningLoop().callSoon(callback, 3);
      expect([log, allTasks().size]).toEqual([[], 2]);
      // The call, its step, and the step behind sleep(0).
      for (let i = 0; i < 4; i++) await sleep(0);
      expect([log, allTasks().size]).toEqual([[[1, 2], owner, true, [3], undefined, true], 1]);
    });
    expect(seen).toEqual([]);
  });

  test("reports errors to the exception handler, once", async () => {
    const boom = new Error("boom");
    const seen = await reports(async () => {
      const callback = spawning(async function store() {
        throw boom;
      });
      callback();
      await sleep(1);
    });
    expect(seen).toEqual(["Exception in spawned coroutine store()", boom]);
  });

  test("lets a cancellation pass in silence", async () => {
    const seen = await reports(async () => {
      spawning(async () => sleep(1000))();
      const task = [...allTasks()].find((one) => one !== currentTask())!;
      await sleep(0);
      task.cancel();
      await sleep(1);
      expect(task.cancelled()).toBe(true);
    });
    expect(seen).toEqual([]);
  });

  test("runs on the loop that runs when native code calls it", async () => {
    const log: unknown[] = [];
    await run(async () => {
      const loop = getRunningLoop();
      const callback = spawning(async () => void log.push(getRunningLoop() === loop));
      setTimeout(callback, 1);
      await sleep(20);
    });
    expect(log).toEqual([true]);
  });

  test("wants a function", () => {
    expect(() => spawning(5 as never)).toThrow(new TypeError("Cannot adapt 5: expected a coroutine function"));
  });
});
