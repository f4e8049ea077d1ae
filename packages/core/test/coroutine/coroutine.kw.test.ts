import {
  type Coroutine,
  Future,
  RuntimeError,
  createTask,
  currentTask,
  getRunningLoop,
  isCoroutine,
  isCoroutineFunction,
  run,
  sleep,
} from "tsyncio";
import { describe, expect, test } from "vitest";

/** What a compiled async function gives; TypeScript takes it for a promise. */
const asCoroutine = <T>(co: Promise<T>): Coroutine<T> => co as unknown as Coroutine<T>;

describe("an async function", () => {
  test("gives a coroutine, which runs when it is awaited", () =>
    run(async () => {
      const log: string[] = [];
      async function noting(x: string): Promise<string> {
        log.push(x);
        return x;
      }
      const co = asCoroutine(noting("x"));
      expect([isCoroutine(co), co.state, log]).toEqual([true, "created", []]);
      expect(await co).toBe("x");
      expect([log, co.state]).toEqual([["x"], "closed"]);
    }));

  test("is a coroutine function of its name and length, in each of its spellings", () => {
    async function declared(_a: number): Promise<void> {}
    const expression = async function named(_a: number, _b: number): Promise<void> {};
    const arrow = async (): Promise<void> => {};
    const object = { async method(): Promise<void> {} };
    class Thing {
      async method(): Promise<void> {}
      async waiting(_a: number): Promise<void> {
        await sleep(0);
      }
      static async stat(): Promise<void> {}
    }
    const functions = [declared, expression, arrow, object.method, new Thing().method, new Thing().waiting, Thing.stat];
    expect(functions.map((fn) => [fn.name, fn.length, isCoroutineFunction(fn)])).toEqual([
      ["declared", 1, true],
      ["named", 2, true],
      ["arrow", 0, true],
      ["method", 0, true],
      ["method", 0, true],
      ["waiting", 1, true],
      ["stat", 0, true],
    ]);
    const coroutines = functions.map((fn) => asCoroutine((fn as () => Promise<void>)()));
    expect(coroutines.map((co) => co.name)).toEqual([
      "declared",
      "named",
      "arrow",
      "method",
      "method",
      "waiting",
      "stat",
    ]);
    for (const co of coroutines) co.close();
  });

  test("runs in the task and the iteration of who awaits it", () =>
    run(async () => {
      const { iterations } = getRunningLoop().statistics();
      const task = currentTask();
      const descend = async (n: number): Promise<boolean> => (n === 0 ? currentTask() === task : await descend(n - 1));
      expect(await descend(50)).toBe(true);
      expect(getRunningLoop().statistics().iterations).toBe(iterations);
    }));

  test("can be awaited once", () =>
    run(async () => {
      const fetchData = async (): Promise<number> => 1;
      const co = fetchData();
      expect(await co).toBe(1);
      let caught: unknown;
      try {
        await co;
      } catch (error) {
        caught = error;
      }
      expect(caught).toBeInstanceOf(RuntimeError);
      expect((caught as Error).message).toBe(
        'Cannot await coroutine "fetchData": it has already been awaited; call fetchData() again for a new one',
      );
    }));

  test("may return a coroutine function, and await one, as JavaScript has it", () =>
    run(async () => {
      const answer = async (): Promise<number> => 42;
      const choosing = async (): Promise<() => Promise<number>> => answer;
      const chosen = await choosing();
      expect(chosen).toBe(answer);
      expect(await chosen()).toBe(42);
    }));

  test("awaits what it returns", () =>
    run(async () => {
      const future = new Future<number>();
      getRunningLoop().callSoon(() => future.setResult(1));
      const giving = async (): Promise<number> => future;
      expect(await giving()).toBe(1);
    }));

  test("passes its error, the same object, through each that awaits it", () =>
    run(async () => {
      const boom = new Error("boom");
      const log: string[] = [];
      const failing = async (): Promise<never> => {
        await sleep(0);
        throw boom;
      };
      const passing = async (name: string, inner: () => Promise<never>): Promise<never> => {
        try {
          return await inner();
        } finally {
          await sleep(0);
          log.push(name);
        }
      };
      let caught: unknown;
      try {
        await passing("outer", () => passing("inner", failing));
      } catch (error) {
        caught = error;
      }
      expect(caught).toBe(boom);
      expect(log).toEqual(["inner", "outer"]);
    }));

  test("of a bare `yield` inside of a task alternates strictly with others", () =>
    run(async () => {
      const log: string[] = [];
      const looping = async (name: string): Promise<void> => {
        for (let i = 0; i < 3; i++) {
          log.push(`${name}${i}`);
          await sleep(0);
        }
      };
      const tasks = [createTask(looping("a")), createTask(looping("b"))];
      for (const task of tasks) await task;
      expect(log).toEqual(["a0", "b0", "a1", "b1", "a2", "b2"]);
    }));
});
