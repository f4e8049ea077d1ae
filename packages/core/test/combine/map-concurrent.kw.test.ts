import {
  CancelledError,
  type Coroutine,
  Future,
  allTasks,
  createTask,
  currentTask,
  mapConcurrent,
  run,
  sleep,
} from "tsyncio";
import { describe, expect, expectTypeOf, test } from "vitest";

/** A source that logs, and says how many of its items were taken. */
class Source {
  taken = 0;
  readonly log: string[] = [];

  *items(count: number): Generator<number, void> {
    try {
      while (this.taken < count) yield this.taken++;
      this.log.push("exhausted");
    } finally {
      this.log.push("closed");
    }
  }

  async *asyncItems(count: number): AsyncGenerator<number, void> {
    try {
      while (this.taken < count) {
        await sleep(0);
        yield this.taken++;
      }
      this.log.push("exhausted");
    } finally {
      this.log.push("closed");
      await sleep(0);
    }
  }
}

/** Work whose length depends on its number, and which counts how much of it runs at a time. */
class Gauge {
  running = 0;
  peak = 0;
  readonly log: string[] = [];

  readonly work = async (n: number): Promise<number> => {
    this.peak = Math.max(this.peak, ++this.running);
    try {
      for (let i = 0; i < (n * 7) % 5; i++) await sleep(0);
      return n;
    } catch (error) {
      await sleep(0);
      this.log.push(`${n} cancelled`);
      throw error;
    } finally {
      this.running--;
    }
  };

  readonly forever = async (n: number): Promise<number> => {
    try {
      await sleep(1000);
    } finally {
      await sleep(0);
      this.log.push(`${n} over`);
    }
    return n;
  };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const seen: T[] = [];
  for await (const item of items) seen.push(item);
  return seen;
}

async function errorOf(aw: PromiseLike<unknown>): Promise<unknown> {
  try {
    await aw;
  } catch (error) {
    return error;
  }
  return null;
}

const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

describe("mapConcurrent", () => {
  test.each([1, 3, 50])("gives results in the order of the source, with no more than %i at a time", (limit) =>
    run(async () => {
      const gauge = new Gauge();
      expect(await all(mapConcurrent(numbers(30), gauge.work, { limit }))).toEqual(numbers(30));
      expect(gauge.peak).toBeLessThanOrEqual(limit);
      expect(gauge.peak).toBeGreaterThanOrEqual(Math.min(limit, 20));
      expect(allTasks().size).toBe(1);
    }),
  );

  test("gives results as they are done when order does not matter", () =>
    run(async () => {
      const gauge = new Gauge();
      const seen = await all(mapConcurrent(numbers(30), gauge.work, { limit: 4, ordered: false }));
      expect(seen).not.toEqual(numbers(30));
      expect(seen.sort((a, b) => a - b)).toEqual(numbers(30));
      expect(gauge.peak).toBe(4);
    }));

  test.each([true, false])("reads an async source, ordered: %s", (ordered) =>
    run(async () => {
      const source = new Source();
      const gauge = new Gauge();
      const seen = await all(mapConcurrent(source.asyncItems(20), gauge.work, { limit: 4, ordered }));
      expect(seen.sort((a, b) => a - b)).toEqual(numbers(20));
      expect([source.log, allTasks().size]).toEqual([["exhausted", "closed"], 1]);
    }),
  );

  test.each([true, false])(
    "takes no more from the source than the limit allows before a result is taken, ordered: %s",
    (ordered) =>
      run(async () => {
        for (const kind of ["items", "asyncItems"] as const) {
          const source = new Source();
          const results = mapConcurrent<number, number>(source[kind](100), async (n) => n, { limit: 3, ordered });
          expect(source.taken).toBe(0);
          expect(await results.next()).toEqual({ done: false, value: 0 });
          for (let i = 0; i < 20; i++) await sleep(0);
          expect(source.taken).toBeLessThanOrEqual(4);
          expect(await results.next()).toEqual({ done: false, value: 1 });
          await results.return();
          expect([kind, source.taken < 7, source.log]).toEqual([kind, true, ["closed"]]);
        }
      }),
  );

  test("runs nothing before the first result is asked for", () =>
    run(async () => {
      const source = new Source();
      const results = mapConcurrent(source.items(3), async (n) => n, { limit: 3 });
      await sleep(0);
      await results.return();
      expect([source.taken, source.log]).toEqual([0, []]);
    }));

  test.each(["items", "asyncItems"] as const)(
    "left early, cancels what runs, waits for it and closes the source (%s)",
    (kind) =>
      run(async () => {
        const source = new Source();
        const gauge = new Gauge();
        const fn = async (n: number) => (n === 0 ? n : await gauge.forever(n));
        for await (const n of mapConcurrent<number, number>(source[kind](100), fn, { limit: 3 })) {
          expect(n).toBe(0);
          await sleep(0);
          await sleep(0);
          break;
        }
        expect(source.log).toEqual(["closed"]);
        // The last call may not have begun when it was cancelled.
        expect(gauge.log.length).toBeGreaterThanOrEqual(source.taken - 2);
        expect(allTasks().size).toBe(1);
      }),
  );

  test.each(["items", "asyncItems"] as const)(
    "throws the first error of a call, after the rest was cancelled and the source closed (%s)",
    (kind) =>
      run(async () => {
        const source = new Source();
        const gauge = new Gauge();
        const fn = async (n: number) => {
          if (n < 2) return await gauge.forever(n);
          throw new Error(`bad ${n}`);
        };
        expect(await errorOf(all(mapConcurrent<number, number>(source[kind](100), fn, { limit: 3 })))).toEqual(
          new Error("bad 2"),
        );
        expect(gauge.log).toEqual(["0 over", "1 over"]);
        expect([source.log, allTasks().size, currentTask()!.cancelling()]).toEqual([["closed"], 1, 0]);
      }),
  );

  test("throws what a call throws that is no coroutine", () =>
    run(async () => {
      const throws = (): Promise<number> => {
        throw new Error("at once");
      };
      expect(await errorOf(all(mapConcurrent([1, 2], throws, { limit: 2 })))).toEqual(new Error("at once"));
    }));

  test("throws the error of the source, which needs no closing", () =>
    run(async () => {
      const gauge = new Gauge();
      const broken = function* () {
        yield 0;
        throw new Error("source");
      };
      const brokenAsync = async function* () {
        yield 0;
        await sleep(0);
        throw new Error("source");
      };
      for (const source of [broken(), brokenAsync()]) {
        expect(await errorOf(all(mapConcurrent<number, number>(source, gauge.forever, { limit: 3 })))).toEqual(
          new Error("source"),
        );
      }
      // The first source failed before its first call had begun.
      expect(gauge.log).toEqual(["0 over"]);
    }));

  test("takes native promises, plain values and futures from the function", () =>
    run(async () => {
      const future = new Future<number>();
      future.setResult(2);
      const answers = [Promise.resolve(0), 1, future];
      expect(await all(mapConcurrent(numbers(3), (n) => answers[n] as Promise<number>, { limit: 2 }))).toEqual([
        0, 1, 2,
      ]);
    }));

  test("gives the function the position of the item", () =>
    run(async () => {
      expect(await all(mapConcurrent("abc", async (letter, index) => letter + index, { limit: 2 }))).toEqual([
        "a0",
        "b1",
        "c2",
      ]);
    }));

  test("cancelled at any moment, cancels the calls, waits for them, closes the source and goes on with the cancellation", () =>
    run(async () => {
      for (const kind of ["items", "asyncItems"] as const) {
        for (let hops = 0; hops < 25; hops++) {
          const source = new Source();
          const gauge = new Gauge();
          const task = createTask(all(mapConcurrent<number, number>(source[kind](8), gauge.work, { limit: 3 })));
          for (let i = 0; i < hops && !task.done(); i++) await sleep(0);
          const accepted = task.cancel("stop");
          for (let i = 0; i < 30 && !task.done(); i++) await sleep(0);
          expect([kind, hops, task.cancelled()]).toEqual([kind, hops, accepted]);
          expect([kind, hops, gauge.running, source.log.filter((line) => line === "closed").length]).toEqual([
            kind,
            hops,
            0,
            source.taken > 0 || source.log.length > 0 ? 1 : 0,
          ]);
          expect(allTasks().size).toBe(1);
        }
      }
    }));

  test("cancelled while a native generator stands still, does not wait for it", () =>
    run(async () => {
      async function* still() {
        "native async";
        yield 1;
        await new Promise<never>(() => {});
      }
      const task = createTask(all(mapConcurrent(still(), async (n: number) => n, { limit: 2 })));
      await sleep(20);
      task.cancel();
      expect(await errorOf(task)).toBeInstanceOf(CancelledError);
      expect(allTasks().size).toBe(1);
    }));

  test("cancelled again while it winds down, still waits for the calls", () =>
    run(async () => {
      const gauge = new Gauge();
      const stubborn = async (n: number) => {
        try {
          await sleep(1000);
        } finally {
          for (let i = 0; i < 6; i++) await sleep(0);
          gauge.log.push(`${n} over`);
        }
        return n;
      };
      const task = createTask(all(mapConcurrent([0, 1], stubborn, { limit: 2 })));
      for (let i = 0; i < 3; i++) await sleep(0);
      for (let i = 0; i < 3; i++) {
        task.cancel();
        await sleep(0);
      }
      expect([task.done(), gauge.log]).toEqual([false, []]);
      expect(await errorOf(task)).toBeInstanceOf(CancelledError);
      expect(gauge.log).toEqual(["0 over", "1 over"]);
    }));

  test("is an async generator that a slow consumer slows", () =>
    run(async () => {
      const source = new Source();
      const gauge = new Gauge();
      for await (const n of mapConcurrent(source.items(20), gauge.work, { limit: 2 })) {
        for (let i = 0; i < 5; i++) await sleep(0);
        expect(source.taken).toBeLessThanOrEqual(n + 3);
      }
      expect(source.taken).toBe(20);
    }));

  test("rejects wrong arguments at the call", () => {
    expect(() => mapConcurrent([1], async (n) => n, { limit: 0 })).toThrow(
      new RangeError("Cannot map: limit must be an integer >= 1, received 0"),
    );
    expect(() => mapConcurrent(5 as never, async (n) => n, { limit: 1 })).toThrow(TypeError);
    expect(() => mapConcurrent(null as never, async (n) => n, { limit: 1 })).toThrow(
      "expected an iterable or an async iterable",
    );
    expect(() => mapConcurrent([1], 5 as never, { limit: 1 })).toThrow("expected a coroutine function");
  });

  test("types the items by what the function gives", () => {
    const types = async (source: AsyncIterable<string>, made: (item: string) => Coroutine<number>) => {
      for await (const item of mapConcurrent(source, made, { limit: 1 })) expectTypeOf(item).toEqualTypeOf<number>();
      for await (const item of mapConcurrent(["a"], async (text) => text.length > 0, { limit: 1 }))
        expectTypeOf(item).toEqualTypeOf<boolean>();
    };
    expect(types).toBeTypeOf("function");
  });
});
