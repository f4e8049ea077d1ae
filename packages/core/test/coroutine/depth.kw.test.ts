import { CancelledError, createTask, currentTask, run, sleep } from "tsyncio";
import { describe, expect, test } from "vitest";

const DEEP = 100_000;

/** Awaits itself to the given depth, then does what is at the bottom. */
async function descend(depth: number, bottom: () => Promise<unknown>): Promise<number> {
  if (depth === 0) {
    await bottom();
    return 0;
  }
  return (await descend(depth - 1, bottom)) + 1;
}

/** The same where a cancellation or an error must be thrown into each. */
async function guarded(depth: number, bottom: () => Promise<unknown>, caught: { count: number }): Promise<number> {
  try {
    if (depth === 0) await bottom();
    else await guarded(depth - 1, bottom, caught);
    return depth;
  } catch (error) {
    caught.count++;
    throw error;
  }
}

/** As `descend`, where none has anything left to do but to hand on what comes. */
async function handedDown(depth: number, bottom: (x: number) => Promise<unknown>): Promise<unknown> {
  return depth > 0 ? handedDown(depth - 1, bottom) : bottom(depth);
}

describe("a chain of 100,000 coroutines that hand on what the next one gives", () => {
  test("comes to its end, whether it suspends or not, called by name or not", () =>
    run(async () => {
      const call = handedDown;
      for (const depth of [0, 47, 48, 49, DEEP]) {
        expect(await handedDown(depth, async () => "at once")).toBe("at once");
        expect(await call(depth, (x) => sleep(1, `later ${x}`))).toBe("later 0");
        expect(await createTask(handedDown(depth, (x) => sleep(0, `then ${x}`)))).toBe("then 0");
      }
    }));

  test("passes errors and cancellations, and shows each level", () =>
    run(async () => {
      for (const wait of [0, 1]) {
        const failing = async (): Promise<void> => {
          if (wait > 0) await sleep(wait);
          throw new RangeError("at the bottom");
        };
        await expect((async () => handedDown(DEEP, failing))()).rejects.toThrow("at the bottom");
      }
      const task = createTask(handedDown(100, () => sleep("1h")));
      await sleep(0);
      expect(task.getStack().map(({ name }) => name)).toEqual(Array.from({ length: 101 }, () => "handedDown"));
      task.cancel("enough");
      await expect((async () => task)()).rejects.toThrow(CancelledError);
      expect(task.cancelled()).toBe(true);
    }));
});

describe("a chain of 100,000 coroutines that await each other", () => {
  test("that never suspends comes to its end", () =>
    run(async () => {
      expect(await descend(DEEP, async () => {})).toBe(DEEP);
    }));

  test("that suspends at the bottom comes to its end, and stays in one task", () =>
    run(async () => {
      const task = currentTask();
      const bottom = async (): Promise<void> => {
        await sleep(0);
        await sleep(1);
        expect(currentTask()).toBe(task);
      };
      expect(await descend(DEEP, bottom)).toBe(DEEP);
    }));

  test("passes an error through each", () =>
    run(async () => {
      for (const waits of [false, true]) {
        const caught = { count: 0 };
        const failing = async (): Promise<void> => {
          if (waits) await sleep(0);
          throw new RangeError("at the bottom");
        };
        let thrown: unknown;
        try {
          await guarded(DEEP, failing, caught);
        } catch (error) {
          thrown = error;
        }
        expect((thrown as Error).message).toBe("at the bottom");
        expect(caught.count).toBe(DEEP + 1);
      }
    }));

  test("passes a cancellation through each", () =>
    run(async () => {
      const caught = { count: 0 };
      const task = createTask(guarded(DEEP, () => sleep(10_000), caught));
      const dropped = createTask(descend(DEEP, () => sleep(10_000)));
      await sleep(0);
      task.cancel("deep");
      dropped.cancel("deep");
      for (const one of [task, dropped]) {
        let thrown: unknown;
        try {
          await one;
        } catch (error) {
          thrown = error;
        }
        expect(thrown).toBeInstanceOf(CancelledError);
        expect((thrown as Error).message).toBe("deep");
      }
      expect(caught.count).toBe(DEEP + 1);
    }));

  test("goes on between the levels: each waits once for itself", () =>
    run(async () => {
      const waiting = async (depth: number): Promise<number> => {
        if (depth === 0) return 0;
        const below = await waiting(depth - 1);
        if (depth % 1000 === 0) await sleep(0);
        return below + 1;
      };
      expect(await waiting(DEEP)).toBe(DEEP);
    }));

  test("of async generators and their loops comes to its end", () =>
    run(async () => {
      async function* nested(depth: number): AsyncGenerator<number> {
        if (depth > 0) for await (const item of nested(depth - 1)) yield item + 1;
        else {
          await sleep(0);
          yield 0;
        }
      }
      const items: number[] = [];
      for await (const item of nested(5000)) items.push(item);
      expect(items).toEqual([5000]);
    }));
});
