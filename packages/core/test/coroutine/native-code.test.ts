import {
  Future,
  RuntimeError,
  type Task,
  coroutine,
  createTask,
  currentTask,
  getRunningLoop,
  newEventLoop,
  run,
  sleep,
} from "tsyncio";
import { describe, expect, test } from "vitest";

// This file is not compiled: its awaits are JavaScript's own.
const answering = coroutine(function* answering(value: unknown, delay = 0): Generator<any, any, any> {
  yield* sleep(delay);
  if (value instanceof Error) throw value;
  return [value, getRunningLoop(), currentTask()];
});

describe("a native await", () => {
  test("of a coroutine runs it as a task, on a loop that is there without run()", async () => {
    const [value, loop, task] = await answering("value", 2);
    expect(value).toBe("value");
    expect(loop.isRunning()).toBe(true);
    expect((task as Task).getName()).toMatch(/^Task-\d+$/);
    expect((await answering("again"))[1]).toBe(loop);
  });

  test("of a coroutine throws its error", async () => {
    const boom = new RangeError("boom");
    await expect(answering(boom)).rejects.toBe(boom);
    await expect(Promise.all([answering(boom), answering(1)])).rejects.toBe(boom);
  });

  test("of a coroutine that has been awaited is refused", async () => {
    const co = answering(1);
    await co;
    await expect((async () => await co)()).rejects.toThrow(RuntimeError);
  });

  test("within run() uses that loop", () =>
    run(
      coroutine(function* () {
        const loop = getRunningLoop();
        const native = async (): Promise<unknown> => (await answering("native"))[1];
        expect(yield native()).toBe(loop);
      }),
    ));

  test("after a pause, when no turn is under way, uses the loop that runs", async () => {
    const native = async (): Promise<unknown> => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      return (await answering("native"))[1];
    };
    await run(
      coroutine(function* () {
        expect(yield native()).toBe(getRunningLoop());
      }),
    );
  });

  test("of a future or a task gives its outcome, through the loop, and counts as reading it", async () => {
    const loop = newEventLoop();
    const heard: unknown[] = [];
    loop.setExceptionHandler((_, context) => void heard.push(context));
    const future = new Future<string>({ loop });
    const failed = new Future<string>({ loop });
    const log: string[] = [];
    const awaited = (async () => log.push(await future))();
    const caught = (async () => log.push(await failed))().catch((error: Error) => log.push(error.message));
    future.setResult("value");
    failed.setException(new Error("failed"));
    await new Promise((resolve) => setTimeout(resolve, 1));
    expect(log).toEqual([]);
    await loop.runUntilComplete(sleep(1));
    await Promise.all([awaited, caught]);
    expect(log).toEqual(["value", "failed"]);
    expect(heard).toEqual([]);
    loop.close();
  });

  test("any number of times gives the same outcome", async () => {
    await run(
      coroutine(function* () {
        const task = createTask(sleep(1, "value"));
        const native = async (): Promise<unknown[]> => [await task, await task, ...(await Promise.all([task, task]))];
        expect(yield native()).toEqual(["value", "value", "value", "value"]);
        expect(yield native()).toEqual(["value", "value", "value", "value"]);
      }),
    );
  });
});

describe("then, catch and finally", () => {
  test("of a coroutine, a task and a future give native promises", () =>
    run(
      coroutine(function* () {
        const boom = new Error("boom");
        for (const make of [(x: unknown) => answering(x), (x: unknown) => createTask(answering(x))]) {
          const log: string[] = [];
          const then = make("v").then(([value]: any) => `${value} then`);
          expect(then).toBeInstanceOf(Promise);
          expect(yield then).toBe("v then");
          expect(yield make(boom).then(null, (error: Error) => `${error.message} caught`)).toBe("boom caught");
          expect(yield make(boom).catch((error: Error) => `${error.message} caught`)).toBe("boom caught");
          expect((yield make("v").catch(() => "never"))[0]).toBe("v");
          expect((yield make("v").finally(() => void log.push("finally")))[0]).toBe("v");
          expect(
            yield make(boom)
              .finally(() => void log.push("finally"))
              .catch((error: unknown) => error),
          ).toBe(boom);
          expect(log).toEqual(["finally", "finally"]);
        }
      }),
    ));

  test("a chain without a handler passes the error on: it can be caught at its end", () =>
    run(
      coroutine(function* () {
        const boom = new Error("boom");
        const chain = createTask(answering(boom))
          .then(() => "never")
          .finally(() => {})
          .catch((error: unknown) => error);
        expect(yield chain).toBe(boom);
      }),
    ));

  test("Promise.all, race, allSettled and resolve take them", async () => {
    const boom = new Error("boom");
    const first = async (co: PromiseLike<any>): Promise<unknown> => (await co)[0];
    expect(await Promise.all([first(answering(1)), first(answering(2, 1))])).toEqual([1, 2]);
    expect(await Promise.race([first(answering("slow", 50)), first(answering("fast"))])).toBe("fast");
    expect((await Promise.allSettled([answering(boom)]))[0]).toEqual({ status: "rejected", reason: boom });
    expect((await Promise.resolve(answering("resolved")))[0]).toBe("resolved");
  });
});

describe("without run()", () => {
  test("a task of the background loop may create others, and timers of it ring", async () => {
    const main = coroutine(function* () {
      const tasks = [createTask(sleep(2, "a")), createTask(sleep(1, "b"))];
      return [yield* tasks[0], yield* tasks[1]];
    });
    expect(await main()).toEqual(["a", "b"]);
  });

  test("there is no running loop outside of a coroutine", () => {
    expect(() => createTask(sleep(1))).toThrow(
      "Cannot get the running event loop: there is no current event loop; call this from a coroutine or a callback of a loop",
    );
    expect(() => new Future()).toThrow(RuntimeError);
    expect(currentTask()).toBe(null);
  });
});
