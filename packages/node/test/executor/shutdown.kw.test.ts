import { ProcessPoolExecutor, ThreadPoolExecutor } from "@tsyncio/node";
import { CancelledError, RuntimeError, createTask, gather, newEventLoop, sleep } from "tsyncio";
import { describe, expect, test } from "vitest";
import { startProgram } from "../start-program.ts";
import { kinds } from "./kinds.ts";
import { Notes, until } from "./notes.ts";

const wait = (ms: number) => new Promise<number>((resolve) => void setTimeout(() => resolve(ms), ms));
const over = { workers: 0, idle: 0, queued: 0, running: 0 };

describe.each(kinds)("shutdown() of a $kind pool", ({ kind, Pool }) => {
  test("finishes the jobs that it has, and ends the workers; then no job is taken", async () => {
    const pool = new Pool({ maxWorkers: 1 });
    const order: string[] = [];
    const jobs = [30, 1].map((ms) => pool.submit(wait, ms));
    for (const job of jobs) job.addDoneCallback(() => order.push(`job ${job.result()}`));
    const first = pool.shutdown();
    expect(() => pool.submit(wait, 1)).toThrow(
      new RuntimeError(`Cannot submit job: the ${kind} pool has been shut down`),
    );
    const second = pool.shutdown({ wait: false });
    await second;
    expect(order).toEqual([]);
    await first;
    expect(order).toEqual(["job 30", "job 1"]);
    expect(pool.statistics()).toMatchObject({ ...over, completed: 2, broken: 0 });
    await pool.shutdown();
  });

  test("with cancelFutures cancels the jobs that wait and those that run", async () => {
    const notes = new Notes();
    const pool = new Pool({ maxWorkers: 1, cancelGrace: 50 });
    const noteAndWait = (file: string, ms: number) => {
      process.getBuiltinModule("node:fs").appendFileSync(file, "begun\n");
      return new Promise<void>((resolve) => void setTimeout(resolve, ms));
    };
    const jobs = [60_000, 1].map((ms) => pool.submit(noteAndWait, notes.file, ms));
    await notes.until("begun");
    await pool.shutdown({ cancelFutures: true });
    for (const job of jobs) expect(job.cancelled()).toBe(true);
    expect(pool.statistics()).toMatchObject({ ...over, completed: 0, broken: 1 });
    expect(notes.lines).toEqual(["begun"]);
  });

  test("while workers start waits for their jobs, or for their end when there are none", async () => {
    const pool = new Pool({ maxWorkers: 2 });
    const jobs = [pool.submit(wait, 1), pool.submit(wait, 2)];
    jobs[1].cancel();
    await pool.shutdown();
    expect(await jobs[0]).toBe(1);
    expect(pool.statistics()).toMatchObject(over);
    const unused = new Pool({ maxWorkers: 2 });
    const job = unused.submit(wait, 1);
    job.cancel();
    await unused.shutdown();
    expect(unused.statistics()).toMatchObject({ ...over, broken: 0 });
    const untouched = new Pool();
    await untouched.shutdown();
    expect(untouched.statistics()).toMatchObject(over);
  });

  test("comes at the end of the scope with await using, whether the body fails or not", async () => {
    let job;
    let pool;
    const failing = (async () => {
      await using mine = new Pool({ maxWorkers: 1 });
      pool = mine;
      job = mine.submit(wait, 20);
      throw new TypeError("the body fails");
    })();
    await expect(failing).rejects.toThrow("the body fails");
    expect(await job).toBe(20);
    expect(pool!.statistics()).toMatchObject(over);
  });

  test("goes on when the wait for it is cancelled", async () => {
    const pool = new Pool({ maxWorkers: 1 });
    const job = pool.submit(wait, 20);
    const waiting = createTask((async () => await pool.shutdown())());
    await sleep(1);
    waiting.cancel();
    await expect(waiting).rejects.toThrow(CancelledError);
    expect(await job).toBe(20);
    await until(() => pool.statistics().workers === 0);
  });

  test("lets the workers end by themselves: their exit handlers run", async () => {
    const pool = new Pool({ maxWorkers: 1 });
    const notes = await pool.submit(() => {
      const { appendFileSync, mkdtempSync } = process.getBuiltinModule("node:fs");
      const file = `${mkdtempSync(`${process.getBuiltinModule("node:os").tmpdir()}/tsyncio-exit-`)}/notes`;
      process.on("exit", (code) => appendFileSync(file, `exit ${code}`));
      return file;
    });
    await pool.shutdown();
    const { readFileSync, rmSync } = process.getBuiltinModule("node:fs");
    expect(readFileSync(notes, "utf8")).toBe("exit 0");
    rmSync(notes.slice(0, -"/notes".length), { recursive: true });
  });

  test("ends a worker that is idle but busy with what a job has left behind", async () => {
    const pool = new Pool({ maxWorkers: 1 });
    await pool.submit(() => {
      setTimeout(() => {
        for (;;);
      }, 1);
    });
    await sleep(20);
    await pool.shutdown();
    expect(pool.statistics()).toMatchObject({ ...over, broken: 0 });
  });
});

test("a pool serves several loops, and jobs of a closed loop tell nobody", async () => {
  const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
  const loop = newEventLoop();
  const given = loop.runUntilComplete(
    (async () => {
      const result = await pool.submit(wait, 1);
      // Left behind: their loop is closed before they are done.
      pool.submit(wait, 20);
      pool.submit(wait, 1).addDoneCallback(() => expect.unreachable());
      return result;
    })(),
  );
  expect(await given).toBe(1);
  loop.close();
  expect(await pool.submit(wait, 2)).toBe(2);
  // They are done all the same.
  expect(pool.statistics()).toMatchObject({ completed: 4, queued: 0, running: 0 });
  await pool.shutdown();
});

describe("a program", () => {
  const run = async (source: string) => {
    const { code, signal, stdout, stderr } = await startProgram(source).ended;
    return { code, signal, stdout, stderr };
  };
  const ends = (stdout: string) => ({ code: 0, signal: null, stdout, stderr: "" });
  const main = (body: string) => `await tsyncio.run(tsyncio.coroutine(function* () {${body}})());`;

  test("ends with workers that have nothing to do, though nobody has shut them down", async () => {
    const source = main(`
      for (const Pool of [node.ThreadPoolExecutor, node.ProcessPoolExecutor])
        console.log(yield new Pool({ maxWorkers: 2 }).submit(() => "done"));`);
    expect(await run(source)).toEqual(ends("done\ndone\n"));
  });

  test("does not end before jobs that nobody waits for", async () => {
    const source = main(`
      const late = (name) => new Promise((resolve) => setTimeout(() => resolve(console.log(name)), 50));
      new node.ThreadPoolExecutor({ maxWorkers: 1 }).submit(late, "thread");
      const processes = new node.ProcessPoolExecutor({ maxWorkers: 1 });
      processes.submit(() => {});
      processes.submit(late, "process");
      console.log("main ends");`);
    const { stdout, ...rest } = await run(source);
    expect(rest).toEqual({ code: 0, signal: null, stderr: "" });
    expect(stdout.split("\n").toSorted()).toEqual(["", "main ends", "process", "thread"]);
    expect(stdout.startsWith("main ends")).toBe(true);
  });

  test("waits for the jobs of its default executor when run ends", async () => {
    const source = `${main(`
      tsyncio.createTask(node.toThread(() => new Promise((resolve) => setTimeout(resolve, 30))));
      const job = tsyncio.getRunningLoop().runInExecutor(null, (ms) => new Promise((resolve) => setTimeout(resolve, ms, "job")), 60);
      job.addDoneCallback(() => console.log(job.result()));`)}
      console.log("over", process.getActiveResourcesInfo().filter((name) => /Worker|MessagePort|Process/.test(name)));`;
    expect(await run(source)).toEqual(ends("job\nover []\n"));
  });

  test("may close a loop whose default executor it has not shut down", async () => {
    const source = `
      const loop = tsyncio.newEventLoop();
      console.log(await loop.runUntilComplete(node.toThread(() => 1)));
      loop.close();
      console.log("closed");`;
    expect(await run(source)).toEqual(ends("1\nclosed\n"));
  });

  test("that ends by process.exit() takes its processes with it", async () => {
    const source = main(`
      const pool = new node.ProcessPoolExecutor({ maxWorkers: 1 });
      console.log(yield pool.submit(() => process.pid));
      pool.submit(() => new Promise((resolve) => setTimeout(resolve, 60_000)));
      yield tsyncio.sleep(20);
      process.exit(0);`);
    const { stdout } = await run(source);
    const pid = Number(stdout);
    expect(pid).toBeGreaterThan(0);
    await until(() => {
      try {
        return !process.kill(pid, 0);
      } catch {
        return true;
      }
    });
  });

  test("that comes from the command line in debug mode of Node starts workers without its flags", async () => {
    const source = main(`
      const flags = yield new node.ProcessPoolExecutor({ maxWorkers: 1 }).submit(() => process.execArgv);
      console.log(JSON.stringify(flags));`);
    expect(await run(source)).toEqual(ends("[]\n"));
  });

  test("of threads in a deadlock is told so: a worker without a job is no hope", async () => {
    const source = main(`
      const pool = new node.ThreadPoolExecutor({ maxWorkers: 1 });
      yield pool.submit(() => 1);
      yield tsyncio.getRunningLoop().createFuture();`);
    const { code, stderr } = await run(source);
    expect(code).toBe(1);
    expect(stderr).toContain("Cannot go on: every task waits for something that nothing left can bring");
  });
});

test("what is left of many pools is nothing", async () => {
  const before = process.getActiveResourcesInfo().length;
  await gather(
    [ThreadPoolExecutor, ProcessPoolExecutor].map(async (Pool) => {
      for (let i = 0; i < 2; i++) {
        await using pool = new Pool({ maxWorkers: 2 });
        await gather([pool.submit(wait, 1), pool.submit(wait, 1)]);
      }
    }),
  );
  await until(() => process.getActiveResourcesInfo().length <= before);
});
