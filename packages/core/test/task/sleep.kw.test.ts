import { type Coroutine, createTask, getRunningLoop, newEventLoop, run, sleep } from "tsyncio";
import { describe, expect, expectTypeOf, test } from "vitest";
import { VirtualHost } from "../../../../test/virtual-host.ts";

const virtually = <T>(main: () => Promise<T>): Promise<T> =>
  run(main, { loopFactory: () => newEventLoop({ host: new VirtualHost() }) });

describe("sleep", () => {
  test.each([
    [5, 5],
    [0.25, 0.25],
    ["250ms", 250],
    ["1.5s", 1500],
    ["2m", 120_000],
    ["1h", 3_600_000],
  ] as const)("of %s takes %d milliseconds", (delay, milliseconds) =>
    virtually(async () => {
      expect(await sleep(delay)).toBe(undefined);
      expect(getRunningLoop().time()).toBe(milliseconds);
    }),
  );

  test("gives its result", () =>
    virtually(async () => {
      expect([await sleep(1, "late"), await sleep(0, "soon"), await sleep(-1, 0), await sleep(0, null)]).toEqual([
        "late",
        "soon",
        0,
        null,
      ]);
      expectTypeOf(sleep(1)).toEqualTypeOf<Coroutine<undefined>>();
      expectTypeOf(sleep(1, "x")).toEqualTypeOf<Coroutine<string>>();
    }));

  test.each([[0], [-5], [-Infinity], ["0s"], ["-1s"]] as const)("of %s is one iteration, and no timer", (delay) =>
    virtually(async () => {
      const { iterations } = getRunningLoop().statistics();
      const task = createTask(
        (async () => {
          await sleep(delay);
          await sleep(delay, "value");
        })(),
      );
      for (const done of [false, false, true]) {
        await sleep(0);
        expect([task.done(), getRunningLoop().statistics().timers]).toEqual([done, 0]);
      }
      expect(getRunningLoop().statistics().iterations).toBe(iterations + 3);
    }),
  );

  test("wakes in the order of the deadlines; equal ones in the order in which they began", () =>
    virtually(async () => {
      const log: unknown[] = [];
      const sleeping = async (name: string, delay: number): Promise<void> => {
        await sleep(delay);
        log.push(name);
      };
      const tasks = [createTask(sleeping("c", 3)), createTask(sleeping("a", 1))];
      tasks.push(...["b1", "b2", "b3"].map((name) => createTask(sleeping(name, 2))));
      for (const task of tasks) await task;
      expect(log).toEqual(["a", "b1", "b2", "b3", "c"]);
    }));

  test("begins when it is awaited, not when it is made", () =>
    virtually(async () => {
      const pause = sleep(10);
      await sleep(5);
      await pause;
      expect(getRunningLoop().time()).toBe(15);
    }));

  test("refuses NaN and what is no duration, at the call", () => {
    expect(() => sleep(NaN)).toThrow(
      new RangeError('Cannot wait: the delay is NaN; pass milliseconds or a string such as "1.5s"'),
    );
    for (const wrong of ["soon", "5", "", null, undefined, {}, 5n])
      expect(() => sleep(wrong as never)).toThrow(TypeError);
  });

  test("of infinity lasts until it is cancelled", () =>
    virtually(async () => {
      const task = createTask(sleep(Infinity));
      await sleep("1h");
      expect(task.done()).toBe(false);
      task.cancel();
      await sleep(0);
      expect([task.cancelled(), getRunningLoop().statistics().timers]).toEqual([true, 0]);
    }));

  test("of many that are cancelled: the loop gives their timers up", () =>
    virtually(async () => {
      const loop = getRunningLoop();
      const earlier = loop.callLater(1, () => {});
      const tasks = Array.from({ length: 1000 }, () => createTask(sleep("1h")));
      await sleep(0);
      expect(loop.timers.size).toBe(1001);
      for (const task of tasks) task.cancel();
      await sleep(2);
      expect(earlier.cancelled()).toBe(false);
      expect(loop.timers.size).toBeLessThan(10);
    }));

  test("cancelled in the iteration in which its time has come, is cancelled", () =>
    virtually(async () => {
      const loop = getRunningLoop();
      const tasks: { readonly name: string; task?: ReturnType<typeof createTask> }[] = [
        { name: "before" },
        { name: "after" },
      ];
      loop.callAt(5, () => tasks[0].task!.cancel());
      for (const one of tasks) one.task = createTask(sleep(5));
      await sleep(0);
      loop.callAt(5, () => tasks[1].task!.cancel());
      await sleep(10);
      expect(tasks.map(({ task }) => task!.cancelled())).toEqual([true, true]);
    }));
});
