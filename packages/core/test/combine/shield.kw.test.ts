import { Future, createTask, formatCallGraph, getRunningLoop, run, shield, sleep } from "tsyncio";
import { describe, expect, expectTypeOf, test } from "vitest";

async function work(log: string[], name: string, rounds: number): Promise<string> {
  try {
    for (let i = 0; i < rounds; i++) await sleep(0);
    log.push(name);
    return name;
  } catch (error) {
    log.push(`${name} cancelled`);
    throw error;
  }
}

describe("shield", () => {
  test("gives a future that is done back as it is", () =>
    run(async () => {
      const future = new Future<number>();
      future.setResult(1);
      expect(shield(future)).toBe(future);
    }));

  test("lets the inner task go on when the outer side is cancelled", () =>
    run(async () => {
      const log: string[] = [];
      const inner = createTask(work(log, "saved", 3));
      const outer = createTask((async () => await shield(inner))());
      await sleep(0);
      outer.cancel();
      await sleep(0);
      expect([outer.cancelled(), inner.cancelling()]).toEqual([true, 0]);
      expect(await inner).toBe("saved");
      expect(inner.listeners).toBeUndefined();
    }));

  test("counts an error of the inner side as read when both end in the same iteration, and leaves it else", () =>
    run(async () => {
      const reported: string[] = [];
      getRunningLoop().setExceptionHandler((_loop, context) =>
        reported.push(String((context.exception as Error).message)),
      );
      for (const when of ["same", "later"]) {
        const inner = new Future<void>();
        const outer = shield(inner);
        const waiter = createTask((async () => await outer)());
        await sleep(0);
        outer.cancel();
        if (when === "later") for (let i = 0; i < 3; i++) await sleep(0);
        inner.setException(new Error(when));
        for (let i = 0; i < 3; i++) await sleep(0);
        expect(waiter.cancelled()).toBe(true);
        expect((inner.state & 4) === 4).toBe(when === "later");
        inner.exception();
      }
      expect(reported).toEqual([]);
    }));

  test("passes on what the inner side does", () =>
    run(async () => {
      const failed = new Future<void>();
      const cancelled = new Future<void>();
      const outer = [shield(failed), shield(cancelled)];
      failed.setException(new Error("inside"));
      cancelled.cancel();
      await sleep(0);
      expect(outer[0].exception().message).toBe("inside");
      expect(outer[1].cancelled()).toBe(true);
    }));

  test("cancelled in the iteration in which the inner side is done, before and after, throws and loses nothing", () =>
    run(async () => {
      for (const hops of [0, 1, 2, 3]) {
        const log: string[] = [];
        const inner = createTask(work(log, "kept", 1));
        const waiter = createTask((async () => await shield(inner))());
        for (let i = 0; i < hops; i++) await sleep(0);
        waiter.cancel();
        for (let i = 0; i < 4; i++) await sleep(0);
        expect([waiter.cancelled(), inner.result()]).toEqual([true, "kept"]);
      }
    }));

  test("shows in the call graph who waits through it", () =>
    run(async () => {
      const inner = createTask(work([], "a", 9), { name: "inner" });
      const outer = createTask((async () => await shield(inner))(), { name: "outer" });
      await sleep(0);
      expect(formatCallGraph(inner)).toMatch(/inner[\s\S]*ShieldedFuture[\s\S]*outer/);
      await outer;
    }));

  test("rejects what cannot be awaited at the call", () =>
    run(async () => {
      expect(() => shield(5 as never)).toThrow(TypeError);
      expectTypeOf(shield(sleep(0, "x"))).toEqualTypeOf<Future<string>>();
    }));
});
