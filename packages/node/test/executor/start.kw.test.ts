import { BrokenWorkerError, ProcessPoolExecutor, ThreadPoolExecutor } from "@tsyncio/node";
import { gather } from "tsyncio";
import { describe, expect, test } from "vitest";
import { kinds } from "./kinds.ts";
import { until } from "./notes.ts";

const one = () => 1;

describe("workers that cannot start", () => {
  test("with flags that Node refuses for a thread fail every job that waits, with the reason", async () => {
    const pool = new ThreadPoolExecutor({ maxWorkers: 2, execArgv: ["--no-such-flag"] });
    const results = await gather([pool.submit(one), pool.submit(one)], { returnExceptions: true });
    for (const error of results as unknown as BrokenWorkerError[]) {
      expect(error).toBeInstanceOf(BrokenWorkerError);
      expect(error.message).toMatch(
        /^Cannot run one\(\): no thread could be started: one ended by an error: .*--no-such-flag/,
      );
      expect(error.cause).toMatchObject({ code: "ERR_WORKER_INVALID_EXEC_ARGV" });
    }
    // It is tried again for the next.
    await expect(pool.submit(one)).rejects.toThrow("no thread could be started");
    expect(pool.statistics()).toMatchObject({ workers: 0, queued: 0, running: 0 });
    await pool.shutdown();
  });

  test("with flags that Node refuses for a process fail every job that waits", async () => {
    const pool = new ProcessPoolExecutor({ maxWorkers: 2, execArgv: ["--no-such-flag"] });
    const results = await gather([pool.submit(one), pool.submit(one), pool.submit(one)], { returnExceptions: true });
    for (const error of results)
      expect(error).toEqual(
        new BrokenWorkerError("Cannot run one(): no process could be started: one ended with exit code 9"),
      );
    expect(pool.statistics()).toMatchObject({ queued: 0, running: 0 });
    await pool.shutdown();
  });

  test("in a folder that is not there fail with the error of the system", async () => {
    const pool = new ProcessPoolExecutor({ maxWorkers: 1, cwd: "/no/such/folder" });
    await expect(pool.submit(one)).rejects.toMatchObject({
      message: expect.stringContaining("no process could be started"),
      cause: { code: "ENOENT" },
    });
    await pool.shutdown();
  });
});

describe.each(kinds)("a $kind pool", ({ Pool }) => {
  test("starts workers as they are needed, up to maxWorkers", async () => {
    await using pool = new Pool({ maxWorkers: 2 });
    expect(pool.statistics().workers).toBe(0);
    const first = pool.submit(one);
    expect(pool.statistics().workers).toBe(1);
    await first;
    await pool.submit(one);
    expect(pool.statistics().workers).toBe(1);
    const wait = () => new Promise<void>((resolve) => void setTimeout(resolve, 50));
    const jobs = [pool.submit(wait), pool.submit(wait), pool.submit(wait)];
    expect(pool.statistics()).toMatchObject({ workers: 2, running: 1, queued: 2 });
    await gather(jobs);
    await until(() => pool.statistics().idle === 2);
    expect(pool.statistics().workers).toBe(2);
  });

  test("starts no more workers than there are jobs that wait, cancelled ones not counted", async () => {
    await using pool = new Pool({ maxWorkers: 2 });
    const jobs = [pool.submit(one), pool.submit(one)];
    expect(pool.statistics().workers).toBe(2);
    for (const job of jobs) job.cancel();
    await until(() => pool.statistics().idle === 2);
    expect(await pool.submit(one)).toBe(1);
    expect(pool.statistics()).toMatchObject({ workers: 2, completed: 1 });
  });

  test("gives its workers the environment and the flags that it was given", async () => {
    await using pool = new Pool({ maxWorkers: 1, env: { COLOUR: "blue" }, execArgv: ["--no-warnings"] });
    const seen = await pool.submit(() => [process.env["COLOUR"], process.env["HOME"], process.execArgv]);
    expect(seen).toEqual(["blue", undefined, ["--no-warnings"]]);
  });
});

test("a process works in the folder that it was given", async () => {
  await using pool = new ProcessPoolExecutor({ maxWorkers: 1, cwd: "/" });
  expect(await pool.submit(() => process.cwd())).toBe("/");
});

test("a process without a folder for temporary files does one job at a time", async () => {
  const { TMPDIR } = process.env;
  process.env["TMPDIR"] = "/no/such/folder";
  try {
    await using pool = new ProcessPoolExecutor({ maxWorkers: 1 });
    const work = (i: number): number => i;
    for (let i = 0; i < 30; i++) expect(await pool.submit(work, i)).toBe(i);
    const together = Array.from({ length: 20 }, (_, i) => pool.submit(work, i));
    expect(pool.statistics()).toMatchObject({ running: 1, queued: 19 });
    together[7].cancel();
    const dies = pool.submit(() => process.exit(1));
    const next = pool.submit(work, 5);
    expect(await gather(together.filter((_, i) => i !== 7))).toEqual(together.flatMap((_, i) => (i === 7 ? [] : [i])));
    await expect(dies).rejects.toThrow("ended with exit code 1");
    expect(await next).toBe(5);
  } finally {
    if (TMPDIR === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = TMPDIR;
  }
});
