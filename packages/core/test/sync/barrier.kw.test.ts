import { Barrier, BrokenBarrierError, CancelledError, createTask, run, sleep } from "tsyncio";
import { describe, expect, expectTypeOf, test } from "vitest";

async function pass(barrier: Barrier, name: string, log: string[]) {
  try {
    log.push(`${name} ${await barrier.wait()}`);
  } catch (error) {
    log.push(`${name} ${(error as Error).name}`);
    throw error;
  }
}

function passAll(barrier: Barrier, log: string[], names: string[]) {
  return names.map((name) => createTask(pass(barrier, name, log)));
}

describe("Barrier", () => {
  test("lets its parties through together: the last to come first, each with its position", () =>
    run(async () => {
      const barrier = new Barrier(3);
      const log: string[] = [];
      const tasks = passAll(barrier, log, ["a", "b", "c"]);
      for (const task of tasks) await task;
      expect(log).toEqual(["c 2", "a 0", "b 1"]);
    }));

  test("lets a single party through without suspending", () =>
    run(async () => {
      const log: string[] = [];
      const other = createTask(pass(new Barrier(1), "other", log));
      const position = await new Barrier(1).wait();
      expectTypeOf(position).toEqualTypeOf<number>();
      expect([position, log]).toEqual([0, []]);
      await other;
    }));

  test("can be passed again and again, and holds newcomers back while others leave", () =>
    run(async () => {
      const barrier = new Barrier(2);
      const log: string[] = [];
      const tasks = passAll(barrier, log, ["a", "b", "c", "d"]);
      for (const task of tasks) await task;
      expect(log.map((line) => line.split(" ")[1])).toEqual(["1", "0", "1", "0"]);
      expect(barrier.nWaiting).toBe(0);
    }));

  test("counts a cancelled task no longer, and is not broken by it", () =>
    run(async () => {
      const barrier = new Barrier(2);
      const log: string[] = [];
      const [first] = passAll(barrier, log, ["first"]);
      await sleep(0);
      first.cancel();
      await expect(first).rejects.toBeInstanceOf(CancelledError);
      expect([barrier.nWaiting, barrier.broken]).toEqual([0, false]);
      for (const task of passAll(barrier, log, ["a", "b"])) await task;
      expect(log).toEqual(["first CancelledError", "b 1", "a 0"]);
    }));

  test("fills again when a task is cancelled after the last one has come", () =>
    run(async () => {
      const barrier = new Barrier(2);
      const log: string[] = [];
      const [first] = passAll(barrier, log, ["first"]);
      await sleep(0);
      expect(await barrier.wait()).toBe(1);
      first.cancel();
      await expect(first).rejects.toBeInstanceOf(CancelledError);
      expect(barrier.statistics()).toEqual({ state: "filling", parties: 2, waiters: 0 });
      for (const task of passAll(barrier, log, ["a", "b"])) await task;
      expect(log).toEqual(["first CancelledError", "b 1", "a 0"]);
    }));

  test("sends the waiting tasks away on reset, and starts afresh", () =>
    run(async () => {
      const barrier = new Barrier(3);
      const log: string[] = [];
      const tasks = passAll(barrier, log, ["a", "b"]);
      await sleep(0);
      await barrier.reset();
      for (const task of tasks) await expect(task).rejects.toBeInstanceOf(BrokenBarrierError);
      expect(barrier.broken).toBe(false);
      for (const task of passAll(barrier, [], ["c", "d", "e"])) await task;
    }));

  test("is broken by abort until it is reset", () =>
    run(async () => {
      const barrier = new Barrier(2);
      const [task] = passAll(barrier, [], ["a"]);
      await sleep(0);
      await barrier.abort();
      await expect(task).rejects.toThrow("Cannot wait in Barrier: it was aborted or reset meanwhile");
      await expect((async () => barrier.wait())()).rejects.toThrow(
        new BrokenBarrierError("Cannot wait in Barrier: it was aborted; reset() it first"),
      );
      expect(String(barrier)).toBe("<Barrier [broken]>");
      await barrier.reset();
      expect(barrier.broken).toBe(false);
    }));

  test.each([0, -1, 1.5, NaN])("refuses %s parties", (parties) => {
    expect(() => new Barrier(parties)).toThrow(
      new RangeError(`Cannot create Barrier: parties must be an integer >= 1, received ${parties}`),
    );
  });

  test("tells its parties, its waiters and its state", () =>
    run(async () => {
      const barrier = new Barrier(3);
      const tasks = passAll(barrier, [], ["a", "b"]);
      await sleep(0);
      expect([barrier.parties, barrier.nWaiting]).toEqual([3, 2]);
      expect(barrier.statistics()).toEqual({ state: "filling", parties: 3, waiters: 2 });
      expect(String(barrier)).toBe("<Barrier [filling, waiters:2/3]>");
      await barrier.wait();
      expect(String(barrier)).toBe("<Barrier [draining, waiters:0/3]>");
      for (const task of tasks) await task;
    }));
});
