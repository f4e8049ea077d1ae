import { Future, type Task, createTask, currentTask, formatCallGraph, getRunningLoop, run, sleep, wait } from "tsyncio";
import { describe, expect, expectTypeOf, test } from "vitest";

async function work(name: string, rounds: number): Promise<string> {
  for (let i = 0; i < rounds; i++) await sleep(0);
  return name;
}

async function fail(name: string, rounds: number): Promise<string> {
  await work(name, rounds);
  throw new Error(name);
}

const names = (tasks: Set<Task<string>>) => [...tasks].map((task) => task.getName());

describe("wait", () => {
  test("gives what is done and what is not, in the order of the argument, and throws nothing", () =>
    run(async () => {
      const tasks = [createTask(work("a", 3), { name: "a" }), createTask(fail("b", 1), { name: "b" })];
      const [done, pending] = await wait(tasks);
      expect([names(done), names(pending)]).toEqual([["a", "b"], []]);
      expect(tasks[1].exception().message).toBe("b");
    }));

  test("ends at the first that is done, with everything that is done by then", () =>
    run(async () => {
      const tasks = [
        createTask(work("a", 5), { name: "a" }),
        createTask(work("b", 1), { name: "b" }),
        createTask(work("c", 2), { name: "c" }),
      ];
      const [done, pending] = await wait(tasks, { returnWhen: "FIRST_COMPLETED" });
      expect([names(done), names(pending)]).toEqual([["b", "c"], ["a"]]);
    }));

  test("ends at the first error, which counts as read; a cancelled task is none", () =>
    run(async () => {
      const tasks = [
        createTask(work("a", 9), { name: "a" }),
        createTask(work("b", 9), { name: "b" }),
        createTask(fail("c", 3), { name: "c" }),
      ];
      tasks[1].cancel();
      const [done, pending] = await wait(tasks, { returnWhen: "FIRST_EXCEPTION" });
      expect([names(done), names(pending)]).toEqual([["b", "c"], ["a"]]);
    }));

  test("takes two iterations when everything is done already", () =>
    run(async () => {
      const future = new Future<void>();
      future.setResult();
      const log: string[] = [];
      const counting = createTask(
        (async () => {
          for (let i = 0; i < 4; i++) {
            log.push(`iteration ${i}`);
            await sleep(0);
          }
        })(),
      );
      await sleep(0);
      await wait([future]);
      log.push("waited");
      await counting;
      expect(log).toEqual(["iteration 0", "iteration 1", "iteration 2", "waited", "iteration 3"]);
    }));

  test("ends at the timeout without cancelling anything; the timer goes when it ends before", () =>
    run(async () => {
      const task = createTask(sleep(1000, "late"));
      const [done, pending] = await wait([task], { timeout: "1ms" });
      expect([done.size, pending.size, task.cancelling()]).toEqual([0, 1, 0]);
      const quick = createTask(work("quick", 1));
      await wait([quick], { timeout: "1h" });
      const live = getRunningLoop().statistics().timers;
      task.cancel();
      expect(live).toBeLessThanOrEqual(2);
    }));

  test("cancelled while it waits, leaves the futures as they are and listens no longer", () =>
    run(async () => {
      const future = new Future<number>();
      const waiter = createTask((async () => await wait([future], { timeout: 1000 }))());
      await sleep(0);
      waiter.cancel("enough");
      await sleep(0);
      expect([waiter.cancelled(), future.done(), future.listeners]).toEqual([true, false, undefined]);
    }));

  test("cancelled in the iteration in which it ends, before and after that, throws CancelledError", () =>
    run(async () => {
      for (const order of ["before", "after"]) {
        const future = new Future<number>();
        const waiter = createTask((async () => await wait([future]))());
        await sleep(0);
        if (order === "before") waiter.cancel();
        future.setResult(1);
        if (order === "after") {
          await sleep(0);
          waiter.cancel();
        }
        await sleep(0);
        await sleep(0);
        expect(waiter.cancelled()).toBe(true);
        expect(future.result()).toBe(1);
      }
    }));

  test("shows in the call graph who waits", () =>
    run(async () => {
      const task = createTask(work("a", 5), { name: "inner" });
      const waiter = createTask((async () => await wait([task]))(), { name: "outer" });
      await sleep(0);
      expect(formatCallGraph(task)).toMatch(/inner[\s\S]*Awaited by:[\s\S]*Task\(name='outer'\) waits in wait/);
      await waiter;
    }));

  test("is a coroutine: nothing happens before it is awaited, and it is awaited once", () =>
    run(async () => {
      const task = createTask(work("a", 0));
      const waiting = wait([task]);
      expect(waiting.state).toBe("created");
      await waiting;
      const again = async () => await waiting;
      await expect(again()).rejects.toThrow("Cannot await wait: it has already been awaited");
    }));

  test("rejects wrong arguments at the call", () =>
    run(async () => {
      const task = createTask(work("a", 0));
      const co = work("b", 0);
      expect(() => wait(task as never)).toThrow(TypeError);
      expect(() => wait(co as never)).toThrow("expected an iterable of futures; write wait([task])");
      expect(() => wait([])).toThrow(new RangeError("Cannot wait: there are no tasks or futures to wait for"));
      expect(() => wait([task], { returnWhen: "SOON" as never })).toThrow(RangeError);
      expect(() => wait([co as never])).toThrow(
        new TypeError('Cannot wait for coroutine "work": pass tasks; write createTask(work(...))'),
      );
      expect(() => wait([5 as never])).toThrow(TypeError);
      expect(() => wait(5 as never)).toThrow(TypeError);
      expect(() => wait([task], { timeout: NaN })).toThrow(RangeError);
      await co;
      expect(currentTask()!.cancelling()).toBe(0);
    }));

  test("types the sets by what is given", () => {
    const types = async (tasks: Task<string>[]) => {
      const [done, pending] = await wait(tasks);
      expectTypeOf(done).toEqualTypeOf<Set<Task<string>>>();
      expectTypeOf(pending).toEqualTypeOf<Set<Task<string>>>();
    };
    expect(types).toBeTypeOf("function");
  });
});
