import { CancelledError, createTask, getRunningLoop, run, sleep } from "tsyncio";
import { describe, expect, test } from "vitest";

async function errorOf(aw: PromiseLike<unknown>): Promise<any> {
  try {
    await aw;
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

/** An async iterator of somebody else's, which notes what is asked of it. */
function foreign(log: string[], items: unknown[], extra: object = {}): AsyncIterable<any> {
  let at = 0;
  const iterator = {
    next(): Promise<IteratorResult<unknown>> {
      log.push("next");
      return Promise.resolve(at < items.length ? { done: false, value: items[at++] } : { done: true, value: "end" });
    },
    return(): Promise<IteratorResult<unknown>> {
      log.push("return");
      return Promise.resolve({ done: true, value: undefined });
    },
    ...extra,
  };
  return { [Symbol.asyncIterator]: () => iterator as AsyncIterator<unknown> };
}

describe("for await", () => {
  test("takes an async iterable of somebody else's, and closes it only when it is left early", () =>
    run(async () => {
      const log: string[] = [];
      const seen: unknown[] = [];
      for await (const item of foreign(log, ["a", "b"])) seen.push(item);
      expect([seen, log]).toEqual([
        ["a", "b"],
        ["next", "next", "next"],
      ]);
      log.length = 0;
      for await (const _ of foreign(log, ["a", "b"])) break;
      expect(log).toEqual(["next", "return"]);
    }));

  test("does not await the items of an async iterable, as JavaScript has it", () =>
    run(async () => {
      const promise = Promise.resolve(1);
      const seen: unknown[] = [];
      for await (const item of foreign([], [promise])) seen.push(item);
      expect(seen[0]).toBe(promise);
    }));

  test("awaits the items of a synchronous iterable: promises, coroutines, plain values", () =>
    run(async () => {
      const seen: unknown[] = [];
      for await (const item of [1, Promise.resolve(2), sleep(0, 3), createTask(sleep(1, 4))]) seen.push(item);
      for await (const item of new Set(["x"])) seen.push(item);
      for await (const item of "yz") seen.push(item);
      expect(seen).toEqual([1, 2, 3, 4, "x", "y", "z"]);
    }));

  test("closes a synchronous generator that is left early, or whose item is rejected", () =>
    run(async () => {
      const log: string[] = [];
      function* items(): Generator<unknown> {
        try {
          yield sleep(0, "item");
          yield Promise.reject(new RangeError("rejected"));
          yield "never";
        } finally {
          log.push("closed");
        }
      }
      for await (const _ of items()) break;
      const failing = async (): Promise<void> => {
        for await (const item of items()) log.push(String(item));
      };
      expect((await errorOf(failing())).message).toBe("rejected");
      expect(log).toEqual(["closed", "item", "closed"]);
    }));

  test("closes on break, continue to an outer loop, return and throw, and waits for that", () =>
    run(async () => {
      const log: string[] = [];
      async function* items(): AsyncGenerator<number> {
        try {
          yield 1;
          yield 2;
        } finally {
          await sleep(1);
          log.push("closed");
        }
      }
      outer: for (const name of ["a", "b"])
        for await (const item of items()) {
          log.push(`${name}${item}`);
          continue outer;
        }
      const returning = async (): Promise<number> => {
        for await (const item of items()) return item;
        return 0;
      };
      log.push(`returned ${await returning()}`);
      expect(log).toEqual(["a1", "closed", "b1", "closed", "closed", "returned 1"]);
    }));

  test("an error of the body is not replaced by one of closing; an error of closing is thrown after break", () =>
    run(async () => {
      const bad = {
        return: () => Promise.reject(new Error("closing")),
      };
      const failing = async (leave: boolean): Promise<void> => {
        for await (const _ of foreign([], [1, 2], bad)) {
          if (leave) break;
          throw new Error("body");
        }
      };
      expect((await errorOf(failing(false))).message).toBe("body");
      expect((await errorOf(failing(true))).message).toBe("closing");
    }));

  test("an error of next() is thrown, and nothing is closed", () =>
    run(async () => {
      const log: string[] = [];
      const looping = async (): Promise<void> => {
        for await (const _ of foreign(log, [], { next: () => Promise.reject(new Error("next")) }));
      };
      expect((await errorOf(looping())).message).toBe("next");
      expect(log).toEqual([]);
    }));

  test("refuses what is not iterable, and results that are no objects", () =>
    run(async () => {
      const looping = async (source: any): Promise<void> => {
        for await (const _ of source) break;
      };
      for (const source of [5, null, undefined, {}, { [Symbol.asyncIterator]: 5 }])
        expect(await errorOf(looping(source))).toBeInstanceOf(TypeError);
      expect((await errorOf(looping({}))).message).toBe(
        "Cannot iterate over [object Object]: it is not async iterable",
      );
      expect((await errorOf(looping(foreign([], [], { next: () => 5 })))).message).toBe(
        "Iterator result 5 is not an object",
      );
      expect((await errorOf(looping(foreign([], [1], { return: () => 5 })))).message).toBe(
        "Iterator result 5 is not an object",
      );
      expect((await errorOf(looping({ [Symbol.asyncIterator]: () => 5 }))).message).toBe(
        "Cannot iterate: [Symbol.asyncIterator]() gave 5, which is no object",
      );
    }));

  test("need not be closed when the iterator has no return()", () =>
    run(async () => {
      const seen: unknown[] = [];
      for await (const item of foreign([], [1, 2], { return: undefined })) {
        seen.push(item);
        break;
      }
      expect(seen).toEqual([1]);
    }));

  test("an iterator may be synchronous in its steps", () =>
    run(async () => {
      const { iterations } = getRunningLoop().statistics();
      let at = 0;
      const source = { [Symbol.asyncIterator]: () => ({ next: () => ({ done: at > 2, value: at++ }) }) };
      const seen: unknown[] = [];
      for await (const item of source as unknown as AsyncIterable<number>) seen.push(item);
      expect(seen).toEqual([0, 1, 2]);
      expect(getRunningLoop().statistics().iterations).toBe(iterations);
    }));

  test("cancelled while a foreign iterator works: it is closed, and the cancellation comes at once", () =>
    run(async () => {
      const log: string[] = [];
      const source = foreign(log, [], { next: () => new Promise(() => {}) });
      const looping = async (): Promise<void> => {
        try {
          for await (const _ of source) log.push("never");
        } catch (error) {
          log.push((error as Error).name);
          throw error;
        }
      };
      const task = createTask(looping());
      await sleep(0);
      task.cancel();
      expect(await errorOf(task)).toBeInstanceOf(CancelledError);
      expect(log).toEqual(["return", "CancelledError"]);
    }));

  test("destructures its items", () =>
    run(async () => {
      const seen: unknown[] = [];
      for await (const [key, { value = "default" }] of new Map([
        ["a", { value: "1" }],
        ["b", {} as { value?: string }],
      ]))
        seen.push([key, value]);
      expect(seen).toEqual([
        ["a", "1"],
        ["b", "default"],
      ]);
    }));
});
