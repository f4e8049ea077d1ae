import { BrokenWorkerError } from "@tsyncio/node";
import { CancelledError, ContextVar, RuntimeError, createTask, gather, sleep } from "tsyncio";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { collectGarbage } from "../../../../test/collect-garbage.ts";
import { startProgram } from "../start-program.ts";
import { jobs, kinds } from "./kinds.ts";
import { Notes, until } from "./notes.ts";

/** All that a stream gives. */
async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

const numbers = (to: number) => Array.from({ length: to }, (_, i) => i);

describe.each(kinds)("a stream from a $kind", ({ kind, Pool }) => {
  let pool: InstanceType<typeof Pool>;
  beforeAll(() => {
    pool = new Pool({ maxWorkers: 1, cancelGrace: 100 });
  });
  afterAll(async () => {
    await pool.shutdown();
  });

  test("gives its items in order, and the worker its next job when it has ended", async () => {
    const notes = new Notes();
    const stream = await pool.submit(jobs.countSlowly, notes.file, 50);
    const next = pool.submit(jobs.add, 1, 2);
    expect(await all(stream)).toEqual(numbers(50));
    expect(await next).toBe(3);
    expect(notes.lines).toEqual(["opened", ...numbers(50).map(String), "closed"]);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  test("is not begun before its first item is asked for, and runs no more than 16 items ahead", async () => {
    const notes = new Notes();
    const stream = await pool.submit(jobs.countSlowly, notes.file, 100);
    await sleep(20);
    expect(notes.lines).toEqual([]);
    expect(await stream.next()).toEqual({ done: false, value: 0 });
    await notes.until("15");
    await sleep(20);
    expect(notes.lines.at(-1)).toBe("15");
    for (let i = 1; i < 8; i++) await stream.next();
    await sleep(20);
    expect(notes.lines.at(-1)).toBe("15");
    await stream.next();
    await notes.until("23");
    await sleep(20);
    expect(notes.lines.at(-1)).toBe("23");
    await stream.return();
    expect(notes.lines.at(-1)).toBe("closed");
  });

  test("that is left is closed in the worker, and over when that is done", async () => {
    const notes = new Notes();
    for await (const item of await pool.submit(jobs.countSlowly, notes.file, 1e9)) if (item === 3) break;
    expect(notes.lines.at(-1)).toBe("closed");
    expect(pool.statistics()).toMatchObject({ running: 0, idle: 1 });
    {
      await using stream = await pool.submit(jobs.countSlowly, notes.file, 1e9);
      await stream.next();
    }
    expect(notes.lines.at(-1)).toBe("closed");
  });

  test("throws what its iterator throws, after the items before it; and what that throws when it is closed", async () => {
    const items: number[] = [];
    const stream = await pool.submit(jobs.countThen, 20, "fail");
    const failed = (async () => {
      for await (const item of stream) items.push(item);
    })();
    await expect(failed).rejects.toThrow(new RangeError("no more"));
    expect(items).toEqual(numbers(20));
    expect((await stream.next()).done).toBe(true);
    const lid = await pool.submit(jobs.failAtClose);
    await lid.next();
    await expect(lid.return()).rejects.toThrow(new RangeError("the lid is stuck"));
    expect(await pool.submit(jobs.add, 1, 1)).toBe(2);
  });

  test("fails when its worker ends, after the items that have come", async () => {
    const stream = await pool.submit(jobs.countThen, 5, "exit");
    const waiting = pool.submit(jobs.add, 2, 2);
    const items: number[] = [];
    const failed = (async () => {
      for await (const item of stream) items.push(item);
    })();
    await expect(failed).rejects.toThrow(
      new BrokenWorkerError(`Cannot finish countThen(): its ${kind} ended with exit code 3`),
    );
    expect(items).toEqual(numbers(5));
    expect(await stream.return()).toEqual({ done: true, value: undefined });
    expect(await waiting).toBe(4);
  });

  test("loses no item when a wait for one is cancelled", async () => {
    const notes = new Notes();
    const stream = await pool.submit(jobs.countSlowly, notes.file, 30);
    const items: number[] = [];
    for (let i = 0; items.length < 30; i++) {
      const step = createTask(stream.next());
      if (i % 2 === 0) {
        for (let turn = 0; turn < i % 7; turn++) await sleep(0);
        step.cancel();
      }
      try {
        items.push((await step).value!);
      } catch (error) {
        if (!(error instanceof CancelledError)) throw error;
      }
    }
    expect(items).toEqual(numbers(30));
    await stream.return();
  });

  test("may have several consumers: each item goes to one of them, in the order in which they asked", async () => {
    const notes = new Notes();
    const stream = await pool.submit(jobs.countSlowly, notes.file, 7);
    for (const from of [0, 3]) {
      const steps = await gather([stream.next(), stream.next(), stream.next()]);
      expect(steps.map(({ value }) => value)).toEqual([from, from + 1, from + 2]);
    }
    const [last, ...over] = await gather([stream.next(), stream.next(), stream.next()]);
    expect(last).toEqual({ done: false, value: 6 });
    expect(over.map(({ done }) => done)).toEqual([true, true]);
  });

  test("one consumer that leaves ends it for the others", async () => {
    const notes = new Notes();
    const stream = await pool.submit(jobs.countSlowly, notes.file, 1e9);
    const other = createTask(all(stream));
    await notes.until("5");
    await stream.return();
    expect(await other).toEqual(numbers((await other).length));
    expect(notes.lines.at(-1)).toBe("closed");
  });

  test("that stands still is left at once, and its worker goes on with other jobs", async () => {
    const { broken } = pool.statistics();
    const stream = await pool.submit(jobs.standStill);
    expect((await stream.next()).value).toBe(1);
    await stream.return();
    expect(await pool.submit(jobs.add, 1, 2)).toBe(3);
    expect(pool.statistics().broken).toBe(broken);
  });

  test("is closed when the future of its job was cancelled before it came", async () => {
    const notes = new Notes();
    const job = pool.submit(jobs.countSlowly, notes.file, 10);
    job.cancel();
    expect(await pool.submit(jobs.add, 1, 2)).toBe(3);
    expect(notes.lines).toEqual([]);
    expect(pool.statistics().running).toBe(0);
  });

  test("is closed when the task that awaits it is cancelled in the iteration in which it comes", async () => {
    const notes = new Notes();
    const job = pool.submit(jobs.countSlowly, notes.file, 10);
    const taking = createTask((async () => await job)());
    job.addDoneCallback(() => taking.cancel());
    await expect(Promise.resolve(taking)).rejects.toThrow(CancelledError);
    expect(await pool.submit(jobs.add, 1, 2)).toBe(3);
    expect(job.cancelled()).toBe(false);
    expect(await all(await job)).toEqual([]);
  });

  test("is left alone when its future is cancelled after it was begun", async () => {
    const job = pool.submit(jobs.countSlowly, new Notes().file, 3);
    const stream = await job;
    const { value } = await stream.next();
    expect(job.cancel()).toBe(false);
    expect([value, ...(await all(stream))]).toEqual(numbers(3));
  });

  test("of which an item cannot be sent fails there, and is closed", async () => {
    const notes = new Notes();
    const stream = await pool.submit(jobs.unsendable, notes.file);
    expect((await stream.next()).value).toBe(1);
    await expect(stream.next()).rejects.toThrow(
      new TypeError("Cannot send an item back: () => 2 could not be cloned."),
    );
    await notes.until("closed");
  });

  test("has the context of its job", async () => {
    const user = new ContextVar<string>("user");
    user.set("bob");
    expect(await all(await pool.submit(jobs.users))).toEqual(["bob", "bob"]);
  });

  test("may be a stream of Node", async () => {
    const chunks = await all(await pool.submit(jobs.bytesOfThisFile));
    expect(chunks.map(({ length }) => length)).toEqual([100, 100, 50]);
    const unread = await pool.submit(jobs.bytesOfThisFile);
    await unread.return();
    expect(pool.statistics().running).toBe(0);
  });

  test("that does not stop when it is left is ended with its worker", async () => {
    const notes = new Notes();
    const { broken } = pool.statistics();
    const stream = await pool.submit(jobs.deafStream, notes.file);
    await stream.next();
    await notes.until("stuck");
    expect(await stream.return()).toEqual({ done: true, value: undefined });
    expect(pool.statistics().broken).toBe(broken + 1);
    expect(await pool.submit(jobs.add, 1, 2)).toBe(3);
  });

  test("that nobody can iterate any more occupies its worker no longer", async () => {
    const notes = new Notes();
    const forget = async () => {
      await pool.submit(jobs.countSlowly, notes.file, 5);
      const begun = await pool.submit(jobs.add, 1, 1).cancel();
      expect(begun).toBe(true);
    };
    await forget();
    expect(pool.statistics().running).toBe(1);
    const next = pool.submit(jobs.add, 1, 2);
    for (let i = 0; i < 50 && pool.statistics().running > 0; i++) {
      await collectGarbage(() => pool.statistics().running === 0);
      await sleep(5);
    }
    expect(await next).toBe(3);
    expect(notes.lines).toEqual([]);
  });
});

describe.each(kinds)("shutdown of a $kind pool", ({ kind, Pool }) => {
  async function* count(to: number) {
    "native async";
    for (let i = 0; i < to; i++) yield i;
  }

  test("waits for a stream that is iterated, and ends one that nobody has begun", async () => {
    const pool = new Pool({ maxWorkers: 2 });
    const [begun, untouched] = await gather([pool.submit(count, 40), pool.submit(count, 40)]);
    expect((await begun.next()).value).toBe(0);
    const ended = pool.shutdown();
    expect(await all(begun)).toEqual(numbers(40).slice(1));
    await ended;
    await expect(untouched.next()).rejects.toThrow(
      new RuntimeError(`Cannot give the next item of count(): the ${kind} pool has been shut down`),
    );
    expect(await untouched.next()).toEqual({ done: true, value: undefined });
    expect(pool.statistics().workers).toBe(0);
  });

  test("with cancelFutures ends streams that are iterated, too", async () => {
    const pool = new Pool({ maxWorkers: 1 });
    const stream = await pool.submit(count, 1e9);
    const items: number[] = [];
    const consumer = createTask(
      (async () => {
        for await (const item of stream) items.push(item);
      })(),
    );
    await until(() => items.length > 20);
    await pool.shutdown({ cancelFutures: true });
    await expect(consumer).rejects.toThrow(`the ${kind} pool has been shut down`);
  });
});

test("a stream that nobody iterates does not keep the program alive", async () => {
  const source = `
    async function* count() { for (let i = 0; ; i++) yield i; }
    const main = tsyncio.coroutine(function* () {
      const pool = new node.ThreadPoolExecutor({ maxWorkers: 2 });
      globalThis.held = [yield pool.submit(count), yield pool.submit(count)];
      yield globalThis.held[1].next();
      console.log("done");
    });
    await tsyncio.run(main());`;
  const { code, stdout, stderr } = await startProgram(source).ended;
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "done\n", stderr: "" });
});

test("a consumer that waits for an item keeps the program alive", async () => {
  const source = `
    async function* slowly() { for (let i = 0; i < 3; i++) { await new Promise((r) => setTimeout(r, 30)); yield i; } }
    const main = tsyncio.coroutine(function* () {
      const pool = new node.ProcessPoolExecutor({ maxWorkers: 1 });
      const stream = yield pool.submit(slowly);
      for (let step = yield stream.next(); !step.done; step = yield stream.next()) console.log(step.value);
    });
    await tsyncio.run(main());`;
  const { code, stdout, stderr } = await startProgram(source).ended;
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "0\n1\n2\n", stderr: "" });
});
