import {
  CancelledError,
  KeyboardInterrupt,
  type Task,
  coroutine,
  createTask,
  fromPromise,
  getRunningLoop,
  newEventLoop,
  run,
  sleep,
} from "tsyncio";
import { describe, expect, test } from "vitest";
import { VirtualHost } from "../../../../test/virtual-host.ts";

const on = (main: () => Generator<any, any, any>): Promise<unknown> => run(coroutine(main));
/** On a clock that jumps to the next timer. */
const virtually = (main: () => Generator<any, any, any>): Promise<unknown> =>
  run(coroutine(main), { loopFactory: () => newEventLoop({ host: new VirtualHost() }) });

const errorOf = coroutine(function* (aw: unknown): Generator<any, any, any> {
  try {
    yield aw;
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
});

/** A promise in our hands. */
function deferred<T>(): { promise: Promise<T>; resolve(value: T): void; reject(error: unknown): void } {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((...hands) => ([resolve, reject] = hands));
  return { promise, resolve, reject };
}

/** Lets native promises settle, and a loop that they wake take its turns. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

describe("a native promise that is awaited", () => {
  test("gives its value or throws its error, also when it was settled before", () =>
    on(function* () {
      expect(yield Promise.resolve("early")).toBe("early");
      expect(yield new Promise((resolve) => setTimeout(resolve, 1, "late"))).toBe("late");
      const boom = new RangeError("boom");
      expect(yield* errorOf(Promise.reject(boom))).toBe(boom);
      expect(yield* errorOf(new Promise((_, reject) => setTimeout(reject, 1, boom)))).toBe(boom);
      expect(yield* errorOf(Promise.reject(undefined))).toBe(undefined);
    }));

  test("may be awaited by any number of tasks", () =>
    on(function* () {
      const { promise, resolve } = deferred<string>();
      const waiting = coroutine(function* () {
        return yield promise;
      });
      const tasks = [createTask(waiting()), createTask(waiting())];
      yield* sleep(0);
      resolve("both");
      expect([yield* tasks[0], yield* tasks[1]]).toEqual(["both", "both"]);
    }));

  test("wakes its task through the loop: what was ready before comes first", () =>
    on(function* () {
      const log: string[] = [];
      const { promise, resolve } = deferred<void>();
      const waiting = coroutine(function* () {
        yield promise;
        log.push("woken");
      });
      const task = createTask(waiting());
      yield* sleep(0);
      const loop = getRunningLoop();
      void promise.then(() => loop.callSoon(() => void log.push("after")));
      resolve();
      loop.callSoon(() => void log.push("before"));
      yield* task;
      yield* sleep(0);
      expect(log).toEqual(["before", "woken", "after"]);
    }));

  test("any thenable will do; it counts once, whatever it does", () =>
    on(function* () {
      const thenables: [unknown, unknown][] = [
        [{ then: (resolve: (value: unknown) => void) => resolve("at once") }, "at once"],
        [{ then: (resolve: (value: unknown) => void) => setTimeout(resolve, 1, "later") }, "later"],
        [
          {
            then(resolve: (value: unknown) => void, reject: (error: unknown) => void) {
              resolve("first");
              resolve("second");
              reject(new Error("third"));
              throw new Error("fourth");
            },
          },
          "first",
        ],
        [{ then: (resolve: (value: unknown) => void) => resolve(Promise.resolve("nested")) }, "nested"],
        [Object.assign(() => {}, { then: (resolve: (value: unknown) => void) => resolve("a function") }), "a function"],
      ];
      for (const [thenable, value] of thenables) expect(yield thenable).toBe(value);
      const failing = {
        then() {
          throw new Error("of then()");
        },
      };
      expect((yield* errorOf(failing)).message).toBe("of then()");
      // The task is as it was: it can wait for something else.
      expect(yield* sleep(0, "went on")).toBe("went on");
    }));

  test("of another realm's making is adopted by its then()", () =>
    on(function* () {
      class Foreign<T> extends Promise<T> {}
      expect(yield Foreign.resolve("foreign")).toBe("foreign");
    }));

  test("is dropped at once when the task is cancelled; that it is rejected later disturbs nobody", () =>
    on(function* () {
      const { promise, reject } = deferred<void>();
      const waiting = coroutine(function* () {
        yield promise;
      });
      const task = createTask(waiting());
      yield* sleep(0);
      task.cancel("enough");
      const { iterations } = getRunningLoop().statistics();
      const error = yield* errorOf(task);
      expect([error.name, error.message, task.cancelled()]).toEqual(["CancelledError", "enough", true]);
      expect(getRunningLoop().statistics().iterations).toBe(iterations + 2);
      reject(new Error("later"));
      yield settled();
    }));

  test("that is settled by the time its task is cancelled keeps its outcome; the cancellation comes at the next wait", () =>
    on(function* () {
      const log: string[] = [];
      const waiting = coroutine(function* (promise: Promise<string>) {
        try {
          log.push(yield promise);
        } catch (error) {
          log.push((error as Error).message);
        }
        yield* sleep(1000);
        log.push("never");
      });
      for (const fails of [false, true]) {
        const { promise, resolve, reject } = deferred<string>();
        const task: Task = createTask(waiting(promise));
        yield* sleep(0);
        // Between the wake-up and the step of the task.
        void promise.then(
          () => task.cancel(),
          () => task.cancel(),
        );
        if (fails) reject(new Error("its error"));
        else resolve("its value");
        expect(yield* errorOf(task)).toBeInstanceOf(CancelledError);
      }
      expect(log).toEqual(["its value", "its error"]);
    }));

  test("that came together with a cancellation may end its task in any way", async () => {
    const { promise, resolve } = deferred<void>();
    const loop = newEventLoop();
    const interrupting = coroutine(function* () {
      yield promise;
      throw new KeyboardInterrupt("of the task");
    });
    const task = loop.createTask(interrupting());
    loop.callSoon(() => {
      resolve();
      void promise.then(() => task.cancel());
    });
    await expect(loop.runUntilComplete(task)).rejects.toThrow("of the task");
    expect([task.cancelled(), loop.statistics().tasks]).toEqual([false, 0]);
    loop.close();
  });

  test("whose loop was closed meanwhile wakes nobody", async () => {
    const { promise, resolve } = deferred<void>();
    const loop = newEventLoop();
    const waiting = coroutine(function* () {
      yield promise;
    });
    const task = loop.createTask(waiting());
    loop.stop();
    await loop.runForever();
    loop.close();
    resolve();
    await settled();
    expect(task.done()).toBe(false);
  });
});

describe("fromPromise", () => {
  test("adopts a promise, or calls a function with a signal when the wait begins", () =>
    on(function* () {
      expect(yield* fromPromise(Promise.resolve("promise"))).toBe("promise");
      const signals: AbortSignal[] = [];
      const co = fromPromise((signal) => {
        signals.push(signal);
        return Promise.resolve("function");
      });
      expect([signals.length, co.state]).toEqual([0, "created"]);
      expect(yield* co).toBe("function");
      expect([signals.length, signals[0].aborted]).toEqual([1, false]);
    }));

  test("throws what the promise is rejected with, or what the function throws", () =>
    on(function* () {
      const boom = new RangeError("boom");
      expect(yield* errorOf(fromPromise(() => Promise.reject(boom)))).toBe(boom);
      const throwing = fromPromise(() => {
        throw boom;
      });
      expect(yield* errorOf(throwing)).toBe(boom);
      expect(yield* sleep(0, "went on")).toBe("went on");
    }));

  test("takes neither a plain value nor a grace that is none", () => {
    for (const value of [5, null, undefined, {}, "text"])
      expect(() => fromPromise(value as any)).toThrow(`Cannot adopt a promise: received ${String(value)}`);
    expect(() => fromPromise(() => Promise.resolve(), { grace: "soon" as any })).toThrow(TypeError);
  });

  describe("cancelled", () => {
    interface Work {
      readonly log: string[];
      readonly task: Task<string>;
      readonly hands: ReturnType<typeof deferred<string>>;
      signal(): AbortSignal;
    }

    /** A task that waits in fromPromise, whose promise is in our hands. */
    const begin = coroutine(function* (grace: number): Generator<any, Work, any> {
      const log: string[] = [];
      const hands = deferred<string>();
      const signals: AbortSignal[] = [];
      const waiting = coroutine(function* () {
        const value: string = yield* fromPromise(
          (signal) => {
            signals.push(signal);
            return hands.promise;
          },
          { grace },
        );
        log.push(value);
        yield* sleep(10);
        return value;
      });
      const task = createTask(waiting());
      yield* sleep(0);
      return { log, task, hands, signal: () => signals[0] };
    });

    test("aborts the signal and waits until the promise gives in", () =>
      on(function* () {
        const { log, task, hands, signal } = yield* begin(60_000);
        task.cancel("enough");
        expect([signal().aborted, signal().reason]).toEqual([true, "enough"]);
        yield* sleep(2);
        expect(task.done()).toBe(false);
        hands.reject(signal().reason);
        const error = yield* errorOf(task);
        expect([error.name, error.message, log]).toEqual(["CancelledError", "enough", []]);
        expect(getRunningLoop().statistics().timers).toBe(0);
      }));

    test("gives up a promise that ignores the signal for the grace", () =>
      virtually(function* () {
        const { task, hands } = yield* begin(100);
        task.cancel("enough");
        const error = yield* errorOf(task);
        expect([error.message, getRunningLoop().time()]).toEqual(["enough", 100]);
        hands.reject(new Error("too late"));
        yield settled();
      }));

    test("does not lose a value that comes all the same: the cancellation strikes at the next wait", () =>
      virtually(function* () {
        const { log, task, hands } = yield* begin(100);
        task.cancel("enough");
        hands.resolve("value");
        const error = yield* errorOf(task);
        expect([log, error.message, task.cancelled()]).toEqual([["value"], "enough", true]);
        expect(getRunningLoop().statistics().timers).toBe(0);
      }));

    test("again, within the grace, changes nothing but the count", () =>
      virtually(function* () {
        const { task, signal } = yield* begin(100);
        task.cancel("first");
        yield* sleep(50);
        expect(task.cancel("second")).toBe(true);
        expect([task.cancelling(), signal().reason]).toEqual([2, "first"]);
        const error = yield* errorOf(task);
        expect([error.message, getRunningLoop().time()]).toEqual(["first", 100]);
      }));

    test("before it began never calls the function", () =>
      on(function* () {
        let called = false;
        const task = createTask(
          fromPromise(() => {
            called = true;
            return Promise.resolve();
          }),
        );
        task.cancel();
        expect(yield* errorOf(task)).toBeInstanceOf(CancelledError);
        expect(called).toBe(false);
      }));

    test("takes five seconds for the grace when none is given", () =>
      virtually(function* () {
        const task = createTask(fromPromise(() => new Promise(() => {})));
        yield* sleep(0);
        task.cancel();
        yield* errorOf(task);
        expect(getRunningLoop().time()).toBe(5000);
      }));
  });
});
