import { BrokenWorkerError, ThreadPoolExecutor } from "@tsyncio/node";
import { CancelledError, type Future, TimeoutError, createTask, gather, sleep, timeout } from "tsyncio";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { jobs, kinds } from "./kinds.ts";
import { Notes, until } from "./notes.ts";

const GRACE = 200;

/** Texts for workers: such a worker starts fast. */
function noteAndCompute(file: string, name: string, ms: number): string {
  const { appendFileSync } = process.getBuiltinModule("node:fs");
  appendFileSync(file, `${name}\n`);
  for (const end = Date.now() + ms; Date.now() < end;);
  return name;
}

async function noteAndWait(file: string, name: string, ms: number): Promise<string> {
  "native async";
  const { appendFileSync } = process.getBuiltinModule("node:fs");
  appendFileSync(file, `${name}\n`);
  await new Promise((resolve) => setTimeout(resolve, ms));
  appendFileSync(file, `${name} ends\n`);
  return name;
}

describe.each(kinds)("a job of a $kind pool", ({ kind, Pool }) => {
  let pool: InstanceType<typeof Pool>;
  beforeAll(() => {
    pool = new Pool({ maxWorkers: 1, cancelGrace: GRACE });
  });
  afterAll(async () => {
    await pool.shutdown();
  });

  test("that waits when it is cancelled never runs", async () => {
    const notes = new Notes();
    await pool.submit(() => {});
    const first = pool.submit(noteAndCompute, notes.file, "first", 20);
    const waiting = ["a", "b", "c"].map((name) => pool.submit(noteAndCompute, notes.file, name, 0));
    expect(pool.statistics()).toMatchObject({ queued: 3, running: 1 });
    expect(waiting[1].cancel("not needed")).toBe(true);
    expect(pool.statistics().queued).toBe(2);
    expect(waiting[1].cancel()).toBe(false);
    const results = await gather([first, ...waiting], { returnExceptions: true });
    expect(results).toEqual(["first", "a", new CancelledError("not needed"), "c"]);
    expect(notes.lines).toEqual(["first", "a", "c"]);
  });

  test("that is a coroutine is cancelled in its worker, which lives on", async () => {
    const notes = new Notes();
    const { workers, broken } = pool.statistics();
    const job = pool.submit(jobs.nap, notes.file, "nap", 60_000);
    await notes.until("nap begins");
    expect(job.cancel()).toBe(true);
    expect(job.cancelled()).toBe(true);
    const next = pool.submit(jobs.note, notes.file, "next");
    await next;
    expect(notes.lines).toEqual(["nap begins", "nap cleans up", "next"]);
    await sleep(GRACE + 20);
    expect(pool.statistics()).toMatchObject({ workers, broken, running: 0 });
  });

  test("that does not hear of it is ended with its worker after the grace, and the worker is replaced", async () => {
    const notes = new Notes();
    const { broken } = pool.statistics();
    const job = pool.submit(noteAndCompute, notes.file, "busy", 60_000);
    const waiting = pool.submit(noteAndCompute, notes.file, "waiting", 0);
    await notes.until("busy");
    const cancelled = performance.now();
    job.cancel();
    await expect(job).rejects.toThrow(CancelledError);
    expect(await waiting).toBe("waiting");
    expect(performance.now() - cancelled).toBeGreaterThan(GRACE - 10);
    await until(() => pool.statistics().broken === broken + 1);
    expect(pool.statistics().workers).toBe(1);
  });

  test("that swallows it is ended with its worker, too, and so is one of promises", async () => {
    const notes = new Notes();
    const { broken } = pool.statistics();
    const deaf = pool.submit(jobs.deaf, notes.file, 60_000);
    await notes.until("deaf begins");
    deaf.cancel();
    expect(await pool.submit(noteAndCompute, notes.file, "next", 0)).toBe("next");
    const promise = pool.submit(noteAndWait, notes.file, "promise", 60_000);
    await notes.until("promise");
    promise.cancel();
    expect(await pool.submit(noteAndCompute, notes.file, "last", 0)).toBe("last");
    expect(notes.lines).toEqual(["deaf begins", "deaf hears", "next", "promise", "last"]);
    await until(() => pool.statistics().broken === broken + 2);
  });

  test("that ends within the grace costs no worker", async () => {
    const notes = new Notes();
    const { broken } = pool.statistics();
    const job = pool.submit(noteAndWait, notes.file, "short", 20);
    await notes.until("short");
    job.cancel();
    await notes.until("short ends");
    await sleep(GRACE + 20);
    expect(pool.statistics()).toMatchObject({ broken, running: 0, idle: 1 });
  });

  test("is cancelled with the task that awaits it, as by a timeout", async () => {
    const notes = new Notes();
    const late = timeout(30, async () => await pool.submit(jobs.nap, notes.file, "late", 60_000));
    await expect(late).rejects.toThrow(TimeoutError);
    const waiter = createTask((async () => await pool.submit(jobs.nap, notes.file, "cut", 60_000))());
    await notes.until("cut begins");
    waiter.cancel();
    await expect(waiter).rejects.toThrow(CancelledError);
    await notes.until("cut cleans up");
    expect(notes.lines.filter((line) => line.endsWith("ends"))).toEqual([]);
  });

  test("may be cancelled at every moment: each future is done once, each job begins once at most, and nothing is left", async () => {
    const notes = new Notes();
    const work = (file: string, i: number): number => {
      process.getBuiltinModule("node:fs").appendFileSync(file, `${i}\n`);
      return i;
    };
    const futures: Future<number>[] = [];
    let cancelled = 0;
    for (let i = 0; i < 300; i++) {
      const future = pool.submit(work, notes.file, i);
      futures.push(future);
      if (i % 3 === 0 && futures[Math.max(0, i - ((i * 7) % 40))].cancel()) cancelled++;
      if (i % 20 === 0) for (let turn = 0; turn < i % 9; turn++) await sleep(i % 2);
    }
    const results = await gather(futures, { returnExceptions: true });
    const failed = results.filter((result) => (result as unknown) instanceof CancelledError);
    expect(failed.length).toBe(cancelled);
    expect(cancelled).toBeGreaterThan(20);
    expect(results.filter((result) => typeof result === "number")).toEqual(
      results.flatMap((result, i) => (typeof result === "number" ? [i] : [])),
    );
    expect(new Set(notes.lines).size).toBe(notes.lines.length);
    await until(() => pool.statistics().running === 0);
    expect(pool.statistics()).toMatchObject({ queued: 0, running: 0, idle: 1 });
  });

  test("behind a long one of the same worker can be cancelled, and others go on when that one is ended", async () => {
    const notes = new Notes();
    const work = (file: string, i: number, ms: number): number => {
      if (ms > 0 || i < 0) process.getBuiltinModule("node:fs").appendFileSync(file, `${i}\n`);
      for (const end = Date.now() + ms; Date.now() < end;);
      return i;
    };
    // It is found to be short: those that come now travel together.
    for (let i = 0; i < 40; i++) await pool.submit(work, notes.file, i, 0);
    const together = Array.from({ length: 20 }, (_, i) => pool.submit(work, notes.file, -i, i === 10 ? 60_000 : 0));
    await notes.until("-10");
    together[15].cancel();
    together[10].cancel();
    const results = await gather(together, { returnExceptions: true });
    expect(results[10]).toBeInstanceOf(CancelledError);
    expect(results[15]).toBeInstanceOf(CancelledError);
    const lost = results.flatMap((result, i) => ((result as unknown) instanceof BrokenWorkerError ? [i] : []));
    for (const i of lost)
      expect(results[i]).toEqual(
        new BrokenWorkerError(
          `Cannot finish work(): its ${kind} was ended because work() did not stop when it was cancelled`,
        ),
      );
    // What had not begun was taken back: at most what was done before it and not told yet is lost.
    expect(lost.filter((i) => i > 10)).toEqual([]);
    const given = results.flatMap((result, i) => (result === -i ? [i] : []));
    expect(given.length + lost.length).toBe(18);
    // No job has begun twice.
    expect(new Set(notes.lines).size).toBe(notes.lines.length);
  });
});

test.each(kinds)(
  "short jobs that were sent to a $kind behind one that takes long are done by others",
  async ({ Pool }) => {
    await using pool = new Pool({ maxWorkers: 2 });
    const work = (i: number, ms: number): number => {
      for (const end = Date.now() + ms; Date.now() < end;);
      return i;
    };
    await gather([pool.submit(work, 0, 0), pool.submit(work, 1, 0)]);
    for (let i = 0; i < 40; i++) await pool.submit(work, i, 0);
    const order: number[] = [];
    const together = Array.from({ length: 60 }, (_, i) => pool.submit(work, i, i === 3 ? 700 : 0));
    for (const future of together) future.addDoneCallback(() => order.push(future.result()));
    await gather(together);
    // Results that it had not told yet come with its own.
    const last = order.slice(order.indexOf(3));
    expect(last.every((i) => i <= 3)).toBe(true);
    expect(order.toSorted((a, b) => a - b)).toEqual(together.map((_, i) => i));
  },
);

test("with cancelGrace null a cancelled job takes the time that it takes", async () => {
  const notes = new Notes();
  await using pool = new ThreadPoolExecutor({ maxWorkers: 1, cancelGrace: null });
  const job = pool.submit(noteAndCompute, notes.file, "busy", 300);
  await notes.until("busy");
  job.cancel();
  expect(await pool.submit(noteAndCompute, notes.file, "next", 0)).toBe("next");
  expect(pool.statistics().broken).toBe(0);
});

test("a job whose module is still being loaded is cancelled before it begins", async () => {
  const notes = new Notes();
  await using pool = new ThreadPoolExecutor({ maxWorkers: 1 });
  await pool.submit(() => {});
  const job = pool.submit(jobs.note, notes.file, "loaded");
  await sleep(5);
  job.cancel();
  await pool.submit(jobs.note, notes.file, "next");
  expect(notes.lines).toEqual(["next"]);
  expect(pool.statistics().broken).toBe(0);
});
