import {
  CancelledError,
  ContextVar,
  type Coroutine,
  allTasks,
  createTask,
  currentTask,
  formatCallGraph,
  gather,
  run,
  sleep,
} from "tsyncio";
import { describe, expect, test, vi } from "vitest";

/** Counts how many run at a time. */
class Gauge {
  running = 0;
  peak = 0;
  log: unknown[] = [];

  async run<T>(name: T, rounds: number): Promise<T> {
    this.peak = Math.max(this.peak, ++this.running);
    try {
      for (let i = 0; i < rounds; i++) await sleep(0);
      this.log.push(name);
      return name;
    } catch (error) {
      this.log.push(`${String(name)} cancelled`);
      throw error;
    } finally {
      this.running--;
    }
  }

  async fail(name: string, rounds: number): Promise<never> {
    await this.run(name, rounds);
    throw new Error(name);
  }
}

const state = (co: unknown) => (co as Coroutine<unknown>).state;

async function errorOf(aw: PromiseLike<unknown>): Promise<unknown> {
  try {
    await aw;
  } catch (error) {
    return error;
  }
  return null;
}

describe("gather with a limit", () => {
  test("runs no more than so many at a time, and gives results in order", () =>
    run(async () => {
      const gauge = new Gauge();
      const names = Array.from({ length: 20 }, (_, n) => n);
      expect(
        await gather(
          names.map((n) => gauge.run(n, n % 4)),
          { limit: 3 },
        ),
      ).toEqual(names);
      expect(gauge.peak).toBe(3);
    }));

  test("takes from the iterable as places become free", () =>
    run(async () => {
      const gauge = new Gauge();
      let made = 0;
      const jobs = function* () {
        for (let n = 0; n < 10; n++) {
          made++;
          yield gauge.run(n, 2);
        }
      };
      const all = gather(jobs(), { limit: 2 });
      expect(made).toBe(2);
      await sleep(0);
      expect(made).toBe(2);
      expect(await all).toHaveLength(10);
      expect(gauge.peak).toBe(2);
    }));

  test("gives the result two iterations after the last job, as without a limit", () =>
    run(async () => {
      for (const limit of [1, 5, Infinity]) {
        let iterations = 0;
        const counter = createTask(
          (async () => {
            for (;;) {
              await sleep(0);
              iterations++;
            }
          })(),
        );
        await sleep(0);
        await gather([new Gauge().run("a", 0)], { limit });
        expect(iterations).toBe(3);
        counter.cancel();
      }
    }));

  test("is done at once for an empty iterable, and starts no more workers than there are jobs", () =>
    run(async () => {
      expect(gather([], { limit: 3 }).result()).toEqual([]);
      const all = gather([sleep(0, 1)], { limit: 1000 });
      expect(allTasks().size).toBe(2);
      expect(await all).toEqual([1]);
    }));

  test("fails with the first error; what runs goes on, the rest is closed", () =>
    run(async () => {
      const warn = vi.spyOn(console, "warn");
      const gauge = new Gauge();
      const jobs = [gauge.run("a", 5), gauge.fail("bad", 1), gauge.run("never", 1), gauge.fail("never", 1)];
      expect(await errorOf(gather(jobs, { limit: 2 }))).toMatchObject({ message: "bad" });
      expect(gauge.log).toEqual(["bad"]);
      expect(jobs.map(state).slice(2)).toEqual(["closed", "closed"]);
      for (let i = 0; i < 5; i++) await sleep(0);
      expect(gauge.log).toEqual(["bad", "a"]);
      expect(warn).not.toHaveBeenCalled();
      warn.mockRestore();
    }));

  test("leaves a generator by return() when it ends early", () =>
    run(async () => {
      const log: string[] = [];
      const gauge = new Gauge();
      const jobs = function* () {
        try {
          yield gauge.fail("bad", 0);
          for (;;) yield gauge.run("more", 1);
        } finally {
          log.push("left");
        }
      };
      expect(await errorOf(gather(jobs(), { limit: 1 }))).toMatchObject({ message: "bad" });
      expect(log).toEqual(["left"]);
    }));

  test("with failFast, cancels what runs and waits for it", () =>
    run(async () => {
      const gauge = new Gauge();
      const stubborn = async () => {
        try {
          await sleep(1000);
        } finally {
          await sleep(0);
          gauge.log.push("cleaned up");
        }
      };
      const jobs = [stubborn(), gauge.fail("bad", 1), gauge.run("never", 1)];
      expect(await errorOf(gather(jobs, { limit: 2, failFast: true }))).toMatchObject({ message: "bad" });
      expect(gauge.log).toEqual(["bad", "cleaned up"]);
      expect(allTasks().size).toBe(1);
    }));

  test("with returnExceptions, errors are results and the rest goes on", () =>
    run(async () => {
      const gauge = new Gauge();
      const results = await gather([gauge.fail("bad", 1), gauge.run("a", 1), gauge.run("b", 0)], {
        limit: 1,
        returnExceptions: true,
      });
      expect(results).toEqual([new Error("bad"), "a", "b"]);
    }));

  test("cancelled, cancels what runs, closes the rest and waits", () =>
    run(async () => {
      const gauge = new Gauge();
      const jobs = [gauge.run("a", 9), gauge.run("b", 9), gauge.run("c", 9)];
      const all = gather(jobs, { limit: 2, returnExceptions: true });
      await sleep(0);
      expect(all.cancel("stop")).toBe(true);
      expect(await errorOf(all)).toEqual(new CancelledError("stop"));
      expect([all.cancelled(), all.cancel()]).toEqual([false, false]);
      expect(gauge.log).toEqual(["a cancelled", "b cancelled"]);
      expect(state(jobs[2])).toBe("closed");
      expect(allTasks().size).toBe(1);
    }));

  test("cancelled before it has started, starts nothing", () =>
    run(async () => {
      const gauge = new Gauge();
      const jobs = [gauge.run("a", 1), gauge.run("b", 1)];
      const all = gather(jobs, { limit: 1 });
      all.cancel();
      expect(await errorOf(all)).toBeInstanceOf(CancelledError);
      expect([gauge.log, jobs.map(state)]).toEqual([[], ["closed", "closed"]]);
    }));

  test("cancelled, gives the cancellation also when a job swallows it", () =>
    run(async () => {
      const stubborn = async () => {
        try {
          return await sleep(1000);
        } catch {
          return "swallowed";
        }
      };
      const gauge = new Gauge();
      const all = gather([stubborn(), gauge.run("next", 1)], { limit: 1 });
      await sleep(0);
      all.cancel();
      expect(await errorOf(all)).toBeInstanceOf(CancelledError);
      expect(gauge.log).toEqual([]);
    }));

  test("a job that cancels its own task cancels itself, not the jobs after it", () =>
    run(async () => {
      const suicide = async (waits: boolean) => {
        currentTask()!.cancel();
        if (waits) await sleep(0);
      };
      const jobs = [suicide(true), suicide(false), sleep(0, "lives")];
      const results = await gather<unknown>(jobs, { limit: 1, returnExceptions: true });
      expect(results).toEqual([expect.any(CancelledError), expect.any(CancelledError), "lives"]);
    }));

  test("a worker that somebody else cancels ends the gather", () =>
    run(async () => {
      const gauge = new Gauge();
      const all = gather([gauge.run("a", 9), gauge.run("never", 9)], { limit: 1, returnExceptions: true });
      await sleep(0);
      for (const task of allTasks()) if (task !== currentTask()) task.cancel();
      expect(await errorOf(all)).toBeInstanceOf(CancelledError);
      expect(gauge.log).toEqual(["a cancelled"]);
    }));

  test("each job has a context of its own", () =>
    run(async () => {
      const variable = new ContextVar<string>("variable", { default: "none" });
      const other = new ContextVar<string>("other", { default: "none" });
      const job = async (name: string) => {
        const before = variable.get();
        variable.set(name);
        await sleep(0);
        return [before, variable.get(), other.get()];
      };
      expect(await gather([job("a"), job("b")], { limit: 1 })).toEqual([
        ["none", "a", "none"],
        ["none", "b", "none"],
      ]);
      other.set("main");
      expect(await gather([job("a"), job("b")], { limit: 1 })).toEqual([
        ["none", "a", "main"],
        ["none", "b", "main"],
      ]);
      expect(variable.get()).toBe("none");
    }));

  test("throws what the iterable throws", () =>
    run(async () => {
      const gauge = new Gauge();
      const early = function* () {
        yield gauge.run("a", 1);
        throw new Error("early");
      };
      expect(() => gather(early(), { limit: 2 })).toThrow("early");
      const late = function* () {
        yield gauge.run("b", 1);
        yield gauge.run("c", 1);
        throw new Error("late");
      };
      expect(await errorOf(gather(late(), { limit: 2, returnExceptions: true }))).toMatchObject({ message: "late" });
      expect(gauge.log).toEqual(["b", "c"]);
    }));

  test("shows in the call graph who waits through it", () =>
    run(async () => {
      const inner = createTask(sleep(1000), { name: "inner" });
      async function job() {
        await inner;
      }
      async function parent() {
        await gather([job()], { limit: 1 });
      }
      const task = createTask(parent(), { name: "parent" });
      await sleep(0);
      await sleep(0);
      expect(formatCallGraph(inner)).toMatch(/job\(\)[\s\S]*Task\(name='parent'\)[\s\S]*parent\(\)/);
      task.cancel();
      expect(await errorOf(task)).toBeInstanceOf(CancelledError);
    }));

  test("runs any number of jobs that go deep, whether they wait there or not", () =>
    run(async () => {
      async function down(depth: number, waits: boolean): Promise<string> {
        if (depth > 0) return [await down(depth - 1, waits)][0];
        if (waits) await sleep(0);
        return "bottom";
      }
      function* jobs() {
        for (let i = 0; i < 400; i++) yield down(450, i % 100 === 99);
      }
      expect(await gather(jobs(), { limit: 2 })).toEqual(new Array(400).fill("bottom"));
    }));

  test("tells what was thrown, whatever it is", () =>
    run(async () => {
      async function job(n: number): Promise<number> {
        // oxlint-disable-next-line no-throw-literal -- that is the test
        if (n === 1) throw undefined;
        return n;
      }
      function* jobs() {
        for (let n = 0; n < 3; n++) yield job(n);
      }
      expect(await gather(jobs(), { limit: 1, returnExceptions: true })).toEqual([0, undefined, 2]);
    }));
});
