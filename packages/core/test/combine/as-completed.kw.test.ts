import {
  ContextVar,
  type Coroutine,
  Future,
  type Task,
  TimeoutError,
  allTasks,
  asCompleted,
  createTask,
  getRunningLoop,
  run,
  sleep,
} from "tsyncio";
import { describe, expect, expectTypeOf, test } from "vitest";

async function work(name: string, rounds: number, running?: { now: number; peak: number }): Promise<string> {
  if (running !== undefined) running.peak = Math.max(running.peak, ++running.now);
  for (let i = 0; i < rounds; i++) await sleep(0);
  if (running !== undefined) running.now--;
  return name;
}

describe("asCompleted", () => {
  test("gives the tasks and futures themselves, in the order in which they are done", () =>
    run(async () => {
      const [a, b, c] = [createTask(work("a", 5)), createTask(work("b", 1)), new Future<string>()];
      getRunningLoop().callSoon(() => c.setException(new Error("c")));
      const names = new Map<unknown, string>([
        [a, "a"],
        [b, "b"],
        [c, "c"],
      ]);
      const seen: unknown[] = [];
      for await (const future of asCompleted([a, b, c])) seen.push(names.get(future));
      expect(seen).toEqual(["c", "b", "a"]);
      expect(c.exception().message).toBe("c");
    }));

  test("gives in plain iteration awaitables of the results to come, which may be awaited in any order", () =>
    run(async () => {
      const [first, second, third] = asCompleted([work("a", 5), work("b", 1), work("c", 3)]);
      expect([await third, await first, await second]).toEqual(["b", "c", "a"]);
    }));

  test("goes on in a second loop where the first one was left, and cancels nothing", () =>
    run(async () => {
      const coming = asCompleted([work("a", 1), work("b", 5), work("c", 3)]);
      const seen: string[] = [];
      for await (const task of coming) {
        seen.push(task.result());
        break;
      }
      for (const next of coming) {
        seen.push(await next);
        break;
      }
      for await (const task of coming) seen.push(await task);
      expect(seen).toEqual(["a", "c", "b"]);
      for await (const _ of coming) expect.unreachable();
    }));

  test("throws TimeoutError for each one that is not done in time, and cancels nothing", () =>
    run(async () => {
      const tasks = [createTask(work("quick", 1)), createTask(sleep(1000, "slow")), createTask(sleep(1000, "slower"))];
      const seen: unknown[] = [];
      for (const next of asCompleted(tasks, { timeout: 5 })) {
        try {
          seen.push(await next);
        } catch (error) {
          seen.push(error);
        }
      }
      expect(seen).toEqual(["quick", expect.any(TimeoutError), expect.any(TimeoutError)]);
      expect(tasks.map((task) => [task.done(), task.cancelling()])).toEqual([
        [true, 0],
        [false, 0],
        [false, 0],
      ]);
      expect(tasks[1].listeners).toBeUndefined();
    }));

  test("has no timer left when all are done in time", () =>
    run(async () => {
      const before = getRunningLoop().statistics().timers;
      for await (const _ of asCompleted([work("a", 1)], { timeout: "1h" }));
      await sleep(1);
      expect(getRunningLoop().statistics().timers).toBe(before);
    }));

  test("with a limit, starts a coroutine when another one has ended, in the context of the call", () =>
    run(async () => {
      const variable = new ContextVar("variable", { default: "unset" });
      variable.set("at the call");
      const running = { now: 0, peak: 0 };
      const reads = async (rounds: number) => (await work("", rounds, running)) + variable.get();
      const coming = asCompleted([reads(1), reads(4), reads(2), reads(1)], { limit: 2 });
      variable.set("later");
      const seen: string[] = [];
      for await (const task of coming) seen.push(task.result());
      expect(seen).toEqual(["at the call", "at the call", "at the call", "at the call"]);
      expect(running).toEqual({ now: 0, peak: 2 });
    }));

  test("with a limit and a timeout, closes what has not started", () =>
    run(async () => {
      const jobs = [sleep(1000, "a"), work("b", 1)];
      const seen: unknown[] = [];
      for (const next of asCompleted(jobs, { limit: 1, timeout: 1 })) {
        try {
          await next;
        } catch (error) {
          seen.push(error);
        }
      }
      expect(seen).toEqual([expect.any(TimeoutError), expect.any(TimeoutError)]);
      expect((jobs[1] as Coroutine<string>).state).toBe("closed");
      expect(allTasks().size).toBe(2);
    }));

  test("cancelled while it waits for the next one, hands out one fewer", () =>
    run(async () => {
      const future = [new Future<number>(), new Future<number>()];
      const coming = asCompleted(future);
      const iterator = coming[Symbol.iterator]();
      const waiter = createTask(iterator.next().value as Coroutine<number>);
      await sleep(0);
      waiter.cancel();
      await sleep(0);
      future[0].setResult(1);
      future[1].setResult(2);
      expect(await iterator.next().value).toBe(1);
      expect(iterator.next().done).toBe(true);
    }));

  test("cancelled in the iteration in which one is done, leaves that one to the next in line", () =>
    run(async () => {
      const future = [new Future<number>(), new Future<number>()];
      const [first, second] = [...asCompleted(future)].map((next) => createTask(next));
      await sleep(0);
      future[0].setResult(1);
      await sleep(0);
      first.cancel();
      await sleep(0);
      await sleep(0);
      expect([first.cancelled(), second.result()]).toEqual([true, 1]);
    }));

  test("rejects wrong arguments at the call", () =>
    run(async () => {
      expect(() => asCompleted(new Future<void>() as never)).toThrow(TypeError);
      expect(() => asCompleted(5 as never)).toThrow("expected an iterable of awaitables");
      expect(() => asCompleted([5] as never)).toThrow(TypeError);
      expect(() => asCompleted([], { limit: 0 })).toThrow(RangeError);
    }));

  test("types the items as what was given, and coroutines as tasks", () => {
    const types = async (
      tasks: Task<string>[],
      promise: Promise<number>,
      mixed: (Future<boolean> | Promise<number>)[],
    ) => {
      for await (const item of asCompleted(tasks)) expectTypeOf(item).toEqualTypeOf<Task<string>>();
      for await (const item of asCompleted([promise])) expectTypeOf(item).toEqualTypeOf<Task<number>>();
      for await (const item of asCompleted(mixed)) expectTypeOf(item).toEqualTypeOf<Future<boolean> | Task<number>>();
      for (const next of asCompleted([promise])) expectTypeOf(await next).toEqualTypeOf<number>();
    };
    expect(types).toBeTypeOf("function");
  });

  test("is iterated by native code as well", async () => {
    const seen = await run(async () => {
      const coming = asCompleted([work("a", 2), work("b", 1)]);
      return nativeItems(coming);
    });
    expect(seen).toEqual(["b", "a"]);
  });
});

async function nativeItems(coming: AsyncIterable<unknown> | object): Promise<string[]> {
  "native async";
  const seen: string[] = [];
  for await (const task of coming as AsyncIterable<Task<string>>) seen.push((task as unknown as Task<string>).result());
  return seen;
}
