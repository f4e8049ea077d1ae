import { BrokenWorkerError, ProcessPoolExecutor, ThreadPoolExecutor, transfer } from "@tsyncio/node";
import { type Future, gather, sleep } from "tsyncio";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { kinds } from "./kinds.ts";
import { Notes, until } from "./notes.ts";

type End = "" | "exit" | "throw" | "kill" | "memory";

/** Notes that it begins; one ends its worker. */
function work(file: string, i: number, how: End): number {
  process.getBuiltinModule("node:fs").appendFileSync(file, `${i}\n`);
  if (how === "exit") process.exit(7);
  if (how === "kill") process.kill(process.pid, "SIGKILL");
  if (how === "throw") {
    setTimeout(() => {
      throw new RangeError("nobody catches this");
    });
    return new Promise(() => {}) as never;
  }
  if (how === "memory") for (const all: unknown[] = []; ;) all.push(Array.from({ length: 1e5 }, () => ({})));
  return i;
}

/** Has a pool find out that `work` is short. */
async function warmUp(pool: ThreadPoolExecutor | ProcessPoolExecutor) {
  const notes = new Notes();
  for (let i = 0; i < 24; i++) await pool.submit(work, notes.file, i, "");
}

/** What became of jobs that were submitted together: results, and those that failed with their worker. */
async function outcomesOf(futures: Future<number>[]) {
  const outcomes: unknown[] = await gather(futures, { returnExceptions: true });
  const broken = outcomes.flatMap((outcome, i) => (outcome instanceof BrokenWorkerError ? [i] : []));
  const done = outcomes.flatMap((outcome, i) => (outcome === i ? [i] : []));
  expect(done.length + broken.length).toBe(futures.length);
  return { done, broken, outcomes };
}

describe.each(kinds)("a $kind that ends", ({ kind, Pool }) => {
  let pool: InstanceType<typeof Pool>;
  beforeAll(() => {
    pool = new Pool({ maxWorkers: 1 });
  });
  afterAll(async () => {
    await pool.shutdown();
  });

  test("by process.exit() fails the one job that it did, exactly; those of its batch that were done have their results, the others are done by the next", async () => {
    const notes = new Notes();
    await warmUp(pool);
    const { broken } = pool.statistics();
    const together = Array.from({ length: 30 }, (_, i) => pool.submit(work, notes.file, i, i === 13 ? "exit" : ""));
    const outcomes = await outcomesOf(together);
    expect(outcomes.broken).toEqual([13]);
    expect(outcomes.outcomes[13]).toEqual(
      new BrokenWorkerError(`Cannot finish work(): its ${kind} ended with exit code 7`),
    );
    expect((outcomes.outcomes[13] as BrokenWorkerError).code).toBe("TSYNCIO_BROKEN_WORKER");
    expect(notes.lines).toEqual(together.map((_, i) => String(i)));
    expect(pool.statistics()).toMatchObject({ broken: broken + 1, workers: 1, running: 0, queued: 0 });
  });

  test("by an error that nobody caught fails the job that it did, with that error as the cause", async () => {
    const notes = new Notes();
    const [failing, next] = [pool.submit(work, notes.file, 0, "throw"), pool.submit(work, notes.file, 1, "")];
    const error = (await failing.catch((reason: unknown) => reason)) as BrokenWorkerError;
    expect(error).toEqual(
      new BrokenWorkerError(`Cannot finish work(): its ${kind} ended by an error: nobody catches this`),
    );
    expect(error.cause).toEqual(new RangeError("nobody catches this"));
    expect(error.cause).toBeInstanceOf(RangeError);
    expect(await next).toBe(1);
    expect(notes.lines).toEqual(["0", "1"]);
  });

  test("while it has nothing to do is replaced when there is something", async () => {
    const { broken } = pool.statistics();
    await pool.submit(() => void setTimeout(() => process.exit(1), 5));
    await until(() => pool.statistics().workers === 0);
    expect(pool.statistics().broken).toBe(broken + 1);
    expect(await pool.submit((x: number) => x + 1, 1)).toBe(2);
  });

  test("fails a job to which memory was moved, begun or not: it cannot be sent again", async () => {
    await pool.submit(() => {});
    const exits = pool.submit(() => process.exit(2));
    const bytes = new Uint8Array(8);
    const moved = pool.submit((given: Uint8Array) => given.length, transfer(bytes));
    await expect(exits).rejects.toThrow(BrokenWorkerError);
    // It was not sent yet: a job to which memory is moved travels alone.
    expect(await moved).toBe(8);
  });

  test("at every place among its jobs leaves each of the others done once", async () => {
    const notes = new Notes();
    await warmUp(pool);
    const all: Future<number>[] = [];
    const deadly = new Set([0, 1, 17, 40, 41, 63, 64, 65, 99]);
    for (let i = 0; i < 120; i++) {
      all.push(pool.submit(work, notes.file, i, deadly.has(i) ? "exit" : ""));
      if (i === 50) await sleep(1);
    }
    const { broken } = await outcomesOf(all);
    expect(broken).toEqual([...deadly]);
    expect(notes.lines.length).toBe(120);
    expect(new Set(notes.lines).size).toBe(120);
  });
});

describe("a process that is killed", () => {
  let pool: ProcessPoolExecutor;
  beforeAll(() => {
    pool = new ProcessPoolExecutor({ maxWorkers: 1 });
  });
  afterAll(async () => {
    await pool.shutdown();
  });

  test("fails the job that it did", async () => {
    const notes = new Notes();
    const { outcomes } = await outcomesOf([
      pool.submit(work, notes.file, 0, "kill"),
      pool.submit(work, notes.file, 1, ""),
    ]);
    expect(outcomes).toEqual([new BrokenWorkerError("Cannot finish work(): its process ended by SIGKILL"), 1]);
  });

  test("has lost what it did, and results that it had not told yet; all after that is done by the next, and nothing twice", async () => {
    const notes = new Notes();
    await warmUp(pool);
    for (const deadly of [0, 5, 31, 40, 70]) {
      const before = notes.lines.length;
      const all = Array.from({ length: 100 }, (_, i) => pool.submit(work, notes.file, i, i === deadly ? "kill" : ""));
      const { done, broken } = await outcomesOf(all);
      expect(broken.at(-1)).toBe(deadly);
      // They stand together, the deadly one is the last.
      expect(broken).toEqual(broken.map((_, i) => broken[0] + i));
      expect(done.length).toBe(100 - broken.length);
      expect(notes.lines.slice(before)).toEqual(all.map((_, i) => String(i)));
      await warmUp(pool);
    }
  });

  test("while results that nobody has read fill the line loses these, and no job is begun twice", async () => {
    const notes = new Notes();
    const large = (file: string, i: number, dies: boolean): string => {
      process.getBuiltinModule("node:fs").appendFileSync(file, `${i}\n`);
      if (dies) process.kill(process.pid, "SIGKILL");
      return "x".repeat(20_000);
    };
    const warm = new Notes();
    for (let i = 0; i < 200; i++) await pool.submit(large, warm.file, i, false);
    const all = Array.from({ length: 150 }, (_, i) => pool.submit(large, notes.file, i, i === 90));
    // Nothing is read meanwhile.
    await Promise.resolve();
    for (const end = performance.now() + 100; performance.now() < end;);
    const outcomes: unknown[] = await gather(all, { returnExceptions: true });
    expect(outcomes[90]).toBeInstanceOf(BrokenWorkerError);
    expect(outcomes.filter((outcome) => typeof outcome === "string").length).toBeGreaterThan(59);
    expect(notes.lines).toEqual(all.map((_, i) => String(i)));
  });

  test("from outside, while a job runs, is replaced", async () => {
    const pids = new ProcessPoolExecutor({ maxWorkers: 2 });
    const pid = await pids.submit(() => process.pid);
    const waiting = pids.submit(() => new Promise((resolve) => void setTimeout(resolve, 60_000)) as Promise<void>);
    await sleep(20);
    process.kill(pid, "SIGKILL");
    await expect(waiting).rejects.toThrow("ended by SIGKILL");
    expect(await pids.submit(() => process.pid)).not.toBe(pid);
    await pids.shutdown();
  });
});

test("a thread that needs more memory than it may have fails its job, and takes nothing with it", async () => {
  const notes = new Notes();
  await using pool = new ThreadPoolExecutor({ maxWorkers: 1, resourceLimits: { maxOldGenerationSizeMb: 12 } });
  const [memory, next] = [pool.submit(work, notes.file, 0, "memory"), pool.submit(work, notes.file, 1, "")];
  const error = (await memory.catch((reason: unknown) => reason)) as BrokenWorkerError;
  expect(error).toBeInstanceOf(BrokenWorkerError);
  expect(error.message).toMatch(/^Cannot finish work\(\): its thread ended by an error: .*memory/);
  expect(error.cause).toMatchObject({ code: "ERR_WORKER_OUT_OF_MEMORY" });
  expect(await next).toBe(1);
});

test("what no worker can even read fails in the end, and ends no other job with it", async () => {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 1, resourceLimits: { maxOldGenerationSizeMb: 12 } });
  const length = (given: unknown[]): number => given.length;
  await pool.submit(length, [1]);
  const large = pool.submit(
    length,
    Array.from({ length: 1e6 }, (_, i) => ({ i })),
  );
  const others = [pool.submit(length, []), pool.submit(length, [1])];
  await expect(large).rejects.toThrow(BrokenWorkerError);
  expect(await gather(others)).toEqual([0, 1]);
  expect(pool.statistics().broken).toBe(3);
});

test("a process that needs more memory than it may have fails its job", async () => {
  const notes = new Notes();
  await using pool = new ProcessPoolExecutor({ maxWorkers: 1, execArgv: ["--max-old-space-size=16"] });
  await expect(pool.submit(work, notes.file, 0, "memory")).rejects.toThrow(
    /^Cannot finish work\(\): its process ended (by SIG(ABRT|TRAP|ILL)|with exit code 134)$/,
  );
  expect(await pool.submit(work, notes.file, 1, "")).toBe(1);
});

test("the death of one worker is no matter to the jobs of another", async () => {
  const notes = new Notes();
  await using pool = new ThreadPoolExecutor({ maxWorkers: 2 });
  const other = pool.submit(() => new Promise<string>((resolve) => void setTimeout(() => resolve("other"), 100)));
  await expect(pool.submit(work, notes.file, 0, "exit")).rejects.toThrow(BrokenWorkerError);
  expect(await other).toBe("other");
});
