import { ProcessPoolExecutor, ThreadPoolExecutor } from "@tsyncio/node";
import { CancelledError, QueueFull, RuntimeError, createTask, sleep } from "tsyncio";
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from "vitest";
import { jobs, kinds } from "./kinds.ts";
import { Notes, until } from "./notes.ts";

async function all<T>(results: AsyncIterable<T>): Promise<T[]> {
  const given: T[] = [];
  for await (const result of results) given.push(result);
  return given;
}

const numbers = (to: number) => Array.from({ length: to }, (_, i) => i);
const double = (x: number): number => 2 * x;

/** Numbers, and how many were taken, and whether the source was closed. */
class Source {
  taken = 0;
  closed = false;

  *each(to = Infinity): Generator<number> {
    try {
      while (this.taken < to) yield this.taken++;
    } finally {
      this.closed = true;
    }
  }

  async *later(to = Infinity): AsyncGenerator<number> {
    try {
      while (this.taken < to) {
        await sleep(0);
        yield this.taken++;
      }
    } finally {
      this.closed = true;
    }
  }
}

describe.each(kinds)("map() of a $kind pool", ({ Pool }) => {
  let pool: ThreadPoolExecutor | ProcessPoolExecutor;
  beforeAll(() => {
    pool = new Pool({ maxWorkers: 2 });
  });
  afterAll(async () => {
    await pool.shutdown();
  });

  test("gives a result for each item, in their order, whatever the size of the chunks", async () => {
    for (const chunkSize of [1, 3, 10, 100])
      expect(await all(pool.map(double, numbers(25), { chunkSize }))).toEqual(numbers(25).map(double));
    expect(await all(pool.map(double, []))).toEqual([]);
    expect(await all(pool.map((letter: string) => letter.toUpperCase(), "abc"))).toEqual(["A", "B", "C"]);
    const results = pool.map(double, [1]);
    expectTypeOf(results).toEqualTypeOf<AsyncIterableIterator<number>>();
    await results.return?.();
  });

  test("without order gives results as they are done", async () => {
    const notes = new Notes();
    const items: [string, string, string][] = [
      [notes.file, "first", "the other has come"],
      [notes.file, "second", ""],
    ];
    const results = pool.map(jobs.noteAfter, items, { ordered: false });
    expect((await results.next()).value).toBe("second");
    notes.add("the other has come");
    expect((await results.next()).value).toBe("first");
    expect((await results.next()).done).toBe(true);
    items[0][2] = "second";
    expect(await all(pool.map(jobs.noteAfter, items))).toEqual(["first", "second"]);
  });

  test("calls coroutine functions, those of one chunk in turn", async () => {
    const notes = new Notes();
    const items = ["a", "b", "c"];
    expect(await all(pool.map(jobs.shout, items, { chunkSize: 3 }))).toEqual(["A!", "B!", "C!"]);
    expect(await all(pool.map(jobs.shout, items))).toEqual(["A!", "B!", "C!"]);
    const promised = async (x: number): Promise<number> => {
      "native async";
      return x + 1;
    };
    expect(await all(pool.map(promised, numbers(5), { chunkSize: 2 }))).toEqual([1, 2, 3, 4, 5]);
    expect(notes.lines).toEqual([]);
  });

  test("takes items as results are taken: at most limit chunks are under way", async () => {
    const source = new Source();
    const results = pool.map(double, source.each(), { limit: 3, chunkSize: 2 });
    await sleep(5);
    expect(source.taken).toBe(0);
    expect((await results.next()).value).toBe(0);
    await sleep(20);
    expect(source.taken).toBe(6);
    await results.next();
    await results.next();
    await sleep(20);
    expect(source.taken).toBe(8);
    await results.return!();
    expect(source.closed).toBe(true);
  });

  test("takes items of an async iterable", async () => {
    const source = new Source();
    expect(await all(pool.map(double, source.later(11), { chunkSize: 4 }))).toEqual(numbers(11).map(double));
    expect(source.closed).toBe(true);
    const endless = new Source();
    for await (const result of pool.map(double, endless.later())) if (result === 20) break;
    expect(endless.closed).toBe(true);
    expect(endless.taken).toBeLessThan(30);
  });

  test("that is left cancels what is under way and closes the source", async () => {
    const notes = new Notes();
    const source = new Source();
    const naps = pool.map(jobs.napFor, each(source, notes.file));
    for await (const name of naps) {
      expect(name).toBe("0");
      break;
    }
    expect(source.closed).toBe(true);
    await until(() => pool.statistics().running === 0);
    const ends = notes.lines.filter((line) => line.endsWith("ends"));
    expect(ends).toEqual(["0 ends"]);
    const begun = notes.lines.filter((line) => line.endsWith("begins")).length;
    expect(notes.lines.filter((line) => line.endsWith("cleans up")).length).toBe(begun);
  });

  test("that is cancelled while it waits does the same", async () => {
    const notes = new Notes();
    const source = new Source();
    source.taken = 1;
    const waiting = createTask(all(pool.map(jobs.napFor, each(source, notes.file))));
    await notes.until("1 begins");
    waiting.cancel();
    await expect(waiting).rejects.toThrow(CancelledError);
    expect(source.closed).toBe(true);
    await until(() => pool.statistics().running === 0);
  });

  test("that is cancelled does not wait for a native source that stands still", async () => {
    async function* still() {
      "native async";
      yield 1;
      await new Promise<never>(() => {});
    }
    const waiting = createTask(all(pool.map(double, still())));
    await until(() => pool.statistics().running === 0);
    await sleep(20);
    waiting.cancel();
    await expect(waiting).rejects.toThrow(CancelledError);
  });

  test("throws the first error, drops the results that nobody has taken, and cancels the rest", async () => {
    const source = new Source();
    const given: number[] = [];
    const fails = (x: number): number => {
      if (x === 7) throw new RangeError("seven");
      return x;
    };
    const mapped = (async () => {
      for await (const result of pool.map(fails, source.each())) given.push(result);
    })();
    await expect(mapped).rejects.toThrow(new RangeError("seven"));
    expect(given).toEqual(numbers(7).slice(0, given.length));
    expect(source.closed).toBe(true);
    await expect(all(pool.map(fails, numbers(10), { chunkSize: 5 }))).rejects.toThrow("seven");
    const broken = (function* () {
      yield 1;
      throw new TypeError("the source is dry");
    })();
    await expect(all(pool.map(double, broken))).rejects.toThrow("the source is dry");
  });

  test("says at the call what it cannot do", () => {
    const map =
      (...args: unknown[]) =>
      () =>
        (pool.map as (...args: unknown[]) => unknown)(...args);
    expect(map(double, 5)).toThrow(new TypeError("Cannot map 5: expected an iterable or an async iterable"));
    expect(map(double, undefined)).toThrow(TypeError);
    expect(map(Math.abs, [1])).toThrow("wrap it: (x) => abs(x)");
    expect(map(undefined, [1])).toThrow(new TypeError("Cannot submit job: expected a function, received undefined"));
    for (const chunkSize of [0, 1.5, NaN, "2"])
      expect(map(double, [1], { chunkSize })).toThrow(
        new RangeError(`Cannot map: chunkSize must be an integer >= 1, received ${chunkSize}`),
      );
    expect(map(double, [1], { limit: 0 })).toThrow(
      new RangeError("Cannot map: limit must be an integer >= 1, received 0"),
    );
  });
});

function* each(source: Source, file: string): Generator<[file: string, name: string, ms: number]> {
  for (const i of source.each()) yield [file, String(i), i === 0 ? 5 : 60_000];
}

describe("maxQueue", () => {
  test("bounds the jobs that wait: those with a worker, up or starting, do not", async () => {
    await using pool = new ThreadPoolExecutor({ maxWorkers: 2, maxQueue: 2 });
    const wait = (ms: number) => new Promise<number>((resolve) => void setTimeout(() => resolve(ms), ms));
    const futures = [20, 30, 1, 2].map((ms) => pool.submit(wait, ms));
    const full = () => pool.submit(wait, 3);
    expect(full).toThrow(
      new QueueFull("Cannot submit job: 2 jobs wait already, and maxQueue is 2; wait for one of them"),
    );
    expect(futures[3].cancel()).toBe(true);
    expect(await full()).toBe(3);
    expect(await futures[0]).toBe(20);
    expect(pool.statistics()).toMatchObject({ queued: 0 });
  });

  test("may be 0: a job is taken only if it can begin", async () => {
    await using pool = new ThreadPoolExecutor({ maxWorkers: 1, maxQueue: 0 });
    for (let i = 0; i < 30; i++) {
      const job = pool.submit(double, i);
      expect(() => pool.submit(double, i)).toThrow(QueueFull);
      expect(await job).toBe(2 * i);
    }
    expect(await all(pool.map(double, numbers(10)))).toEqual(numbers(10).map(double));
  });
});

test("options are checked when the pool is made", () => {
  const make = (options: object) => () => new ThreadPoolExecutor(options);
  for (const maxWorkers of [0, -1, 1.5, NaN, Infinity, "2"])
    expect(make({ maxWorkers })).toThrow(
      new RangeError(`Cannot create ThreadPoolExecutor: maxWorkers must be an integer >= 1, received ${maxWorkers}`),
    );
  for (const maxQueue of [-1, NaN, "2"])
    expect(make({ maxQueue })).toThrow(
      new RangeError(`Cannot create ThreadPoolExecutor: maxQueue must be a number >= 0, received ${maxQueue}`),
    );
  expect(() => new ProcessPoolExecutor({ maxWorkers: 0 })).toThrow("Cannot create ProcessPoolExecutor");
  expect(make({ cancelGrace: "soon" })).toThrow(TypeError);
});

test("statistics() tells what there is and what became of the rest", async () => {
  const pool = new ThreadPoolExecutor({ maxWorkers: 2 });
  expect(pool.statistics()).toEqual({ workers: 0, idle: 0, queued: 0, running: 0, completed: 0, broken: 0 });
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const waitFor = (shared: Int32Array): void => void Atomics.wait(shared, 0, 0);
  const fails = (): never => {
    throw new Error("counted, too");
  };
  await pool.submit(double, 1);
  await expect(pool.submit(fails)).rejects.toThrow("counted, too");
  await until(() => pool.statistics().idle === pool.statistics().workers);
  const before = pool.statistics();
  expect(before).toMatchObject({ queued: 0, running: 0, completed: 2, broken: 0 });
  expect(Object.isFrozen(before)).toBe(true);
  const jobs = Array.from({ length: 4 }, () => pool.submit(waitFor, gate));
  await until(() => pool.statistics().running === 2);
  expect(pool.statistics()).toEqual({ workers: 2, idle: 0, queued: 2, running: 2, completed: 2, broken: 0 });
  jobs[3].cancel();
  expect(pool.statistics()).toMatchObject({ queued: 1 });
  Atomics.store(gate, 0, 1);
  Atomics.notify(gate, 0);
  await jobs[0];
  await jobs[1];
  await jobs[2];
  expect(pool.statistics()).toMatchObject({ queued: 0, running: 0, completed: 5, idle: 2 });
  await pool.shutdown();
  expect(pool.statistics()).toEqual({ workers: 0, idle: 0, queued: 0, running: 0, completed: 5, broken: 0 });
  expect(() => pool.map(double, [1])).toThrow(
    new RuntimeError("Cannot submit job: the thread pool has been shut down"),
  );
});
