import {
  CancelledError,
  type Coroutine,
  Future,
  Task,
  coroutine,
  createTask,
  currentTask,
  formatCallGraph,
  gather,
  getRunningLoop,
  newEventLoop,
  run,
  sleep,
} from "tsyncio";
import { describe, expect, expectTypeOf, test } from "vitest";

async function work<T>(log: unknown[], name: T, rounds: number): Promise<T> {
  try {
    for (let i = 0; i < rounds; i++) await sleep(0);
    log.push(name);
    return name;
  } catch (error) {
    log.push(`${String(name)} cancelled`);
    throw error;
  }
}

async function fail(name: string, rounds = 0): Promise<string> {
  for (let i = 0; i < rounds; i++) await sleep(0);
  throw new Error(name);
}

async function errorOf(aw: PromiseLike<unknown>): Promise<unknown> {
  try {
    await aw;
  } catch (error) {
    return error;
  }
  return null;
}

describe("gather", () => {
  test("gives results in the order of the arguments, whichever is done first", () =>
    run(async () => {
      const log: string[] = [];
      expect(await gather(work(log, "a", 3), work(log, "b", 1), work(log, "c", 2))).toEqual(["a", "b", "c"]);
      expect(log).toEqual(["b", "c", "a"]);
    }));

  test("takes coroutines, tasks, futures, promises and other thenables", () =>
    run(async () => {
      const future = new Future<number>();
      future.setResult(3);
      // oxlint-disable-next-line unicorn/no-thenable -- what is tested
      const thenable: PromiseLike<number> = { then: (onFulfilled) => Promise.resolve(5).then(onFulfilled) };
      const all = gather(sleep(0, 1), createTask(sleep(0, 2)), future, Promise.resolve(4), thenable);
      expect(await all).toEqual([1, 2, 3, 4, 5]);
    }));

  test("takes an iterable, a generator too", () =>
    run(async () => {
      const jobs = function* () {
        for (let n = 0; n < 3; n++) yield sleep(0, n);
      };
      expect(await gather(jobs())).toEqual([0, 1, 2]);
      expect(await gather(new Set([sleep(0, "x")]))).toEqual(["x"]);
    }));

  test("takes a future that a coroutine gives for its result, and does not wait for it", () =>
    run(async () => {
      const never = new Future<number>();
      const giving = coroutine(function* () {
        return never;
      });
      const results: unknown[] = await gather(giving(), work([], "late", 1), giving());
      expect(results.map((result) => (result === never ? "the future" : result))).toEqual([
        "the future",
        "late",
        "the future",
      ]);
      expect(never.done()).toBe(false);
    }));

  test("gives a plain array, whatever array it was given", () =>
    run(async () => {
      class Jobs extends Array<Coroutine<string>> {}
      const results = await gather(Jobs.of(work([], "a", 0), work([], "b", 1)));
      expect(results.constructor).toBe(Array);
      expect(results).toEqual(["a", "b"]);
    }));

  test("is done at once when there is nothing to wait for, or everything is done", () =>
    run(async () => {
      expect(gather().result()).toEqual([]);
      expect(gather([]).result()).toEqual([]);
      const future = new Future<number>();
      future.setResult(1);
      expect(gather(future, future).result()).toEqual([1, 1]);
      const failed = new Future<number>();
      failed.setException(new Error("failed"));
      expect(gather(failed, future).exception().message).toBe("failed");
      expect(gather([failed, future], { returnExceptions: true }).result()).toEqual([new Error("failed"), 1]);
    }));

  test("runs an awaitable that is given twice once", () =>
    run(async () => {
      const log: string[] = [];
      const [co, other, promise] = [work(log, "once", 1), sleep(0, "waited"), Promise.resolve("promised")];
      expect(await gather(co, other, co, promise, other, co, promise)).toEqual([
        "once",
        "waited",
        "once",
        "promised",
        "waited",
        "once",
        "promised",
      ]);
      expect(log).toEqual(["once"]);
    }));

  test("runs coroutines given twice once under a task factory", () =>
    run(async () => {
      const loop = getRunningLoop();
      const wrapping = async (co: PromiseLike<unknown>) => await co;
      loop.setTaskFactory(
        (_loop, co, options) => new Task(wrapping(co) as unknown as Coroutine<any>, { ...options, loop }),
      );
      const log: string[] = [];
      const co = work(log, "once", 1);
      expect(await gather(co, co)).toEqual(["once", "once"]);
      loop.setTaskFactory(null);
    }));

  test("refuses a coroutine that was awaited elsewhere", () =>
    run(async () => {
      const log: string[] = [];
      const co = work(log, "once", 0);
      await co;
      expect(() => gather(co)).toThrow('Cannot await coroutine "work": it has already been awaited');
    }));

  test("fails with the first error; the others go on, and their errors count as read", () =>
    run(async () => {
      const reported: unknown[] = [];
      getRunningLoop().setExceptionHandler((_loop, context) => reported.push(context.message));
      const log: string[] = [];
      const slow = createTask(work(log, "slow", 5));
      expect(await errorOf(gather(slow, fail("first", 1), fail("second", 2)))).toMatchObject({ message: "first" });
      expect(await slow).toBe("slow");
      globalThis.gc?.();
      await sleep(1);
      expect(reported).toEqual([]);
    }));

  test("with failFast, cancels the others at the first error and waits for them", () =>
    run(async () => {
      const log: string[] = [];
      const stubborn = async () => {
        try {
          await sleep(1000);
        } finally {
          await sleep(0);
          log.push("cleaned up");
        }
      };
      const jobs = [work(log, "slow", 50), fail("first", 1), stubborn(), fail("second", 1)] as const;
      expect(await errorOf(gather(jobs, { failFast: true }))).toMatchObject({ message: "first" });
      expect(log).toEqual(["slow cancelled", "cleaned up"]);
    }));

  test("with failFast, takes a cancelled child for an error, and one that was failed before", () =>
    run(async () => {
      const log: string[] = [];
      const victim = createTask(sleep(1000));
      const all = gather([victim, work(log, "other", 50)], { failFast: true });
      victim.cancel("not needed");
      expect(await errorOf(all)).toEqual(new CancelledError("not needed"));
      expect(log).toEqual(["other cancelled"]);
      const failed = new Future<string>();
      failed.setException(new Error("before"));
      expect(await errorOf(gather([work(log, "third", 50), failed], { failFast: true }))).toMatchObject({
        message: "before",
      });
    }));

  test("with failFast, throws the cancellation when it is cancelled while it winds down", () =>
    run(async () => {
      const stubborn = async () => {
        try {
          await sleep(1000);
        } finally {
          for (let i = 0; i < 5; i++) await sleep(0);
        }
      };
      const all = gather([stubborn(), fail("first")], { failFast: true });
      for (let i = 0; i < 3; i++) await sleep(0);
      expect(all.done()).toBe(false);
      all.cancel();
      expect(await errorOf(all)).toBeInstanceOf(CancelledError);
    }));

  test("is no longer to be cancelled when all children are done and their news is on its way", () =>
    run(async () => {
      const log: string[] = [];
      const all = gather(work(log, "a", 0));
      await sleep(0);
      expect([all.done(), all.cancel()]).toEqual([false, false]);
      expect(await all).toEqual(["a"]);
    }));

  test("leaves the children alone when its waiter is cancelled in the iteration in which it is done", () =>
    run(async () => {
      const log: string[] = [];
      const child = createTask(work(log, "a", 1));
      const waiter = createTask((async () => await gather(child))());
      await child;
      await sleep(0);
      waiter.cancel();
      expect(await errorOf(waiter)).toBeInstanceOf(CancelledError);
      expect(child.result()).toBe("a");
    }));

  test("shows in the call graph who waits through it", () =>
    run(async () => {
      const child = createTask(work([], "a", 5), { name: "child" });
      async function parent() {
        await gather(child);
      }
      const task = createTask(parent(), { name: "parent" });
      await sleep(0);
      expect(formatCallGraph(child)).toMatch(
        /\* Task\(name='child'\)[\s\S]*Awaited by:[\s\S]*GatheringFuture[\s\S]*\* Task\(name='parent'\)[\s\S]*parent\(\)/,
      );
      await task;
    }));

  test("leaves nothing in the loop", () =>
    run(async () => {
      const loop = getRunningLoop();
      const all = gather(sleep(1000), sleep(1000));
      await sleep(0);
      all.cancel();
      expect(await errorOf(all)).toBeInstanceOf(CancelledError);
      expect(loop.statistics()).toMatchObject({ ready: 0, tasks: 1 });
      expect(currentTask()!.cancelling()).toBe(0);
    }));

  test("rejects wrong arguments at the call", () =>
    run(async () => {
      expect(() => gather(5 as never)).toThrow(
        new TypeError("Cannot gather 5: expected awaitables, or one iterable of them"),
      );
      expect(() => gather([5] as never)).toThrow(TypeError);
      expect(() => gather([], { limit: 0 })).toThrow(
        new RangeError("Cannot gather: limit must be an integer >= 1, received 0"),
      );
      expect(() => gather([], { limit: 1.5 })).toThrow(RangeError);
      expect(() => gather([], { failFast: true, returnExceptions: true })).toThrow(TypeError);
      const foreign = new Future<void>({ loop: newEventLoop() });
      expect(() => gather(new Future<void>(), foreign)).toThrow(RangeError);
    }));

  test("needs a running loop for coroutines", () => {
    expect(() => gather()).toThrow("Cannot get the running event loop");
  });

  test("types results as a tuple, or as an array for an iterable", () => {
    const types = (
      task: Task<string>,
      promise: Promise<number>,
      tasks: Task<string>[],
      many: (Task<string> | Promise<number>)[],
    ) => {
      expectTypeOf(gather(task, promise)).toEqualTypeOf<Future<[string, number]>>();
      expectTypeOf(gather(...tasks)).toEqualTypeOf<Future<string[]>>();
      expectTypeOf(gather([task])).toEqualTypeOf<Future<string[]>>();
      expectTypeOf(gather([task, promise])).toEqualTypeOf<Future<(string | number)[]>>();
      expectTypeOf(gather(many, { limit: 3 })).toEqualTypeOf<Future<(string | number)[]>>();
      expectTypeOf(gather([task], { returnExceptions: true })).toEqualTypeOf<Future<(string | Error)[]>>();
      expectTypeOf(gather()).toEqualTypeOf<Future<[]>>();
    };
    expect(types).toBeTypeOf("function");
  });
});
