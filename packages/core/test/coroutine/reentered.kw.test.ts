import { CancelledError, type Coroutine, Future, RuntimeError, createTask, currentTask, run, sleep } from "tsyncio";
import { frame } from "tsyncio/runtime";
import { describe, expect, test } from "vitest";

/** What a compiled async function gives; TypeScript takes it for a promise. */
const asCoroutine = <T>(co: Promise<T>): Coroutine<T> => co as unknown as Coroutine<T>;
/** The class of the coroutines whose function is called again. */
const Reentered = frame(() => undefined, 1);
Reentered.close();

const log: unknown[] = [];

async function stepping(name: string, times: number) {
  let sum = 0;
  for (let i = 0; i < times; i++) {
    const given = await sleep(0, i + 1);
    sum += given;
    log.push(`${name}${i}`);
  }
  return sum;
}

async function closing(name: string, future: Future<string>, override: boolean) {
  try {
    const value = await future;
    log.push(value);
    return value;
  } finally {
    log.push(`${name} left`);
    // oxlint-disable-next-line no-unsafe-finally -- what a `return` in finally does is tested
    if (override) return "overridden";
  }
}

async function catching(future: Future<string>) {
  try {
    return await future;
  } catch (error) {
    return error;
  }
}

async function many(a: number, b: number, c: number) {
  const d = a + 1;
  const { e, f } = await sleep(0, { e: b + 1, f: c + 1 });
  let g = 0;
  while (g < 2) {
    await sleep(0);
    g++;
  }
  return [a, b, c, d, e, f, g, (await sleep(0, 7)) + (await sleep(0, 8))];
}

async function suspended(future: Future<string>, override: boolean) {
  const co = asCoroutine(closing("x", future, override));
  const task = createTask(co);
  await sleep(0);
  return { co, task };
}

describe("a coroutine whose function is called again to go on", () => {
  test("is what the compiler makes of these", () => {
    for (const co of [
      stepping("", 0),
      closing("", undefined as never, false),
      catching(undefined as never),
      many(1, 2, 3),
    ]) {
      expect(co).toBeInstanceOf(Reentered.constructor);
      asCoroutine(co).close();
    }
  });

  test("keeps its variables, few or many, alternating with others", async () => {
    log.length = 0;
    const results = await run(async () => {
      const tasks = [createTask(stepping("a", 2)), createTask(stepping("b", 2)), createTask(many(1, 2, 3))];
      const given: unknown[] = [];
      for (const task of tasks) given.push(await task);
      return given;
    });
    expect(results).toEqual([3, 3, [1, 2, 3, 2, 3, 4, 2, 15]]);
    expect(log).toEqual(["a0", "b0", "a1", "b1"]);
  });

  test("tells where it stands", () =>
    run(async () => {
      const states: string[] = [];
      const telling = async (own: () => Coroutine<void>) => {
        states.push(own().state);
        await sleep(0);
        states.push(own().state);
      };
      const co: Coroutine<void> = asCoroutine(telling(() => co));
      states.push(co.state);
      const task = createTask(co);
      states.push(co.state);
      expect(task.getCoro()).toBe(co);
      await sleep(0);
      states.push(co.state);
      await task;
      states.push(co.state);
      expect(states).toEqual(["created", "suspended", "running", "suspended", "running", "closed"]);
    }));

  test("runs inside of who awaits it, and says so", () =>
    run(async () => {
      const telling = async (own: () => Coroutine<string>) => {
        const { state } = own();
        await Promise.resolve();
        return state;
      };
      const co: Coroutine<string> = asCoroutine(telling(() => co));
      expect([await co, co.state]).toEqual(["running", "closed"]);
      const failing = async (own: () => unknown) => {
        if (own() !== null) throw new TypeError("early");
        await sleep(0);
      };
      const thrown = asCoroutine(failing(() => undefined));
      await expect((async () => thrown)()).rejects.toThrow("early");
      expect(thrown.state).toBe("closed");
    }));

  test("is closed by a cancellation at the place where it waits, through `finally` and not past it", () =>
    run(async () => {
      log.length = 0;
      const { task } = await suspended(new Future(), false);
      task.cancel("enough");
      await expect((async () => task)()).rejects.toThrow(CancelledError);
      expect([log, task.cancelled()]).toEqual([["x left"], true]);
    }));

  test("may answer a cancellation by a `return` in `finally`", () =>
    run(async () => {
      const { task } = await suspended(new Future(), true);
      task.cancel();
      expect(await task).toBe("overridden");
    }));

  test("catches what is thrown in", () =>
    run(async () => {
      const future = new Future<string>();
      const task = createTask(catching(future));
      await sleep(0);
      task.cancel();
      expect(await task).toBeInstanceOf(CancelledError);
      const failed = new Future<string>();
      failed.setException(new RangeError("gone"));
      expect(await createTask(catching(failed))).toBeInstanceOf(RangeError);
    }));

  test("that is cancelled before it begins never does", () =>
    run(async () => {
      log.length = 0;
      for (const co of [stepping("never", 1), closing("never", new Future(), true), catching(new Future())]) {
        const task = createTask(co as Promise<unknown>);
        task.cancel();
        await expect((async () => task)()).rejects.toThrow(CancelledError);
      }
      expect(log).toEqual([]);
    }));

  test("can be closed while it waits: who awaits it is told", () =>
    run(async () => {
      log.length = 0;
      const { co, task } = await suspended(new Future(), false);
      co.close();
      expect([log, co.state]).toEqual([["x left"], "closed"]);
      task.cancel();
      await expect((async () => task)()).rejects.toThrow(RuntimeError);
    }));

  test("goes no further when it is closed, whatever is around the await", () =>
    run(async () => {
      log.length = 0;
      for (const co of [stepping("closed", 2), catching(new Future())]) {
        const task = createTask(co as Promise<unknown>);
        await sleep(0);
        asCoroutine(co as Promise<unknown>).close();
        expect(asCoroutine(co as Promise<unknown>).state).toBe("closed");
        task.cancel();
        await expect((async () => task)()).rejects.toThrow(RuntimeError);
      }
      expect(log).toEqual([]);
    }));

  test("can be driven by hand, and thrown into", () =>
    run(async () => {
      const future = new Future<string>();
      const co = asCoroutine(closing("hand", future, false));
      log.length = 0;
      expect(co.send().done).toBe(false);
      expect(() => co.throw(new RangeError("in"))).toThrow("in");
      expect(log).toEqual(["hand left"]);
      const fresh = asCoroutine(stepping("c", 1));
      expect(() => fresh.throw(new RangeError("before"))).toThrow("before");
      expect(log).toEqual(["hand left"]);
    }));

  test("does not hold what it kept when it is over", async () => {
    let object: WeakRef<object> | undefined;
    const keeping = async (kept: object) => {
      await sleep(0);
      return kept !== null;
    };
    const co = await run(async () => {
      const kept = {};
      object = new WeakRef(kept);
      const co = asCoroutine(keeping(kept));
      await co;
      return [co];
    });
    expect(co[0]!.state).toBe("closed");
    expect(Object.values(co[0]!).some((value) => value === object!.deref())).toBe(false);
  });

  test("is one task with who awaits it, whether it is called by name or not", () =>
    run(async () => {
      const tasks = new Set<unknown>();
      async function inner() {
        tasks.add(currentTask());
        await sleep(0);
        tasks.add(currentTask());
      }
      const other = inner;
      await inner();
      await other();
      expect([tasks.size, tasks.has(currentTask())]).toEqual([1, true]);
    }));
});
