import {
  type Executor,
  Future,
  coroutine,
  getRunningLoop,
  newEventLoop,
  provideDefaultExecutor,
  run,
  sleep,
} from "tsyncio";
import { afterEach, describe, expect, test, vi } from "vitest";

afterEach(() => void vi.restoreAllMocks());

/** Runs at once, in the place of threads. */
class InPlace implements Executor {
  readonly log: string[] = [];
  readonly #ending: number;

  constructor(ending = 0) {
    this.#ending = ending;
  }

  submit<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Promise<Awaited<R>> {
    this.log.push("submit");
    return Promise.resolve().then(async () => await fn(...args)) as Promise<Awaited<R>>;
  }

  shutdown(options?: { readonly wait?: boolean }): Promise<void> {
    this.log.push(`shutdown wait=${options?.wait}`);
    return new Promise((resolve) => setTimeout(resolve, this.#ending));
  }
}

describe("runInExecutor", () => {
  test("gives a future of what the function gives, in the executor that is named or in the default one", () =>
    run(
      coroutine(function* () {
        const loop = getRunningLoop();
        const [named, byDefault] = [new InPlace(), new InPlace()];
        loop.setDefaultExecutor(byDefault);
        const future = loop.runInExecutor(named, (a: number, b: number) => a + b, 1, 2);
        expect(future).toBeInstanceOf(Future);
        expect(yield* future).toBe(3);
        expect(yield* loop.runInExecutor(null, () => "default")).toBe("default");
        expect([named.log, byDefault.log]).toEqual([["submit"], ["submit"]]);
      }),
    ));

  test("submits at once, not when it is awaited", async () => {
    const loop = newEventLoop();
    const executor = new InPlace();
    const future = loop.runInExecutor(executor, () => 1);
    expect(executor.log).toEqual(["submit"]);
    expect(await loop.runUntilComplete(future)).toBe(1);
    loop.close();
  });

  test("an executor makes its futures of the loop that asks it, running or not", async () => {
    const loop = newEventLoop();
    const executor: Executor = {
      submit(fn, ...args) {
        const future = new Future<any>();
        future.setResult(fn(...args));
        return future;
      },
    };
    const future = loop.runInExecutor(executor, () => 1);
    expect(future.getLoop()).toBe(loop);
    expect(() => getRunningLoop()).toThrow("there is no current event loop");
    expect(await loop.runUntilComplete(future)).toBe(1);
    loop.close();
  });

  test("throws the error of the function", () =>
    run(
      coroutine(function* () {
        const failing = (): never => {
          throw new RangeError("in the executor");
        };
        let caught: unknown;
        try {
          yield* getRunningLoop().runInExecutor(new InPlace(), failing);
        } catch (error) {
          caught = error;
        }
        expect((caught as Error).message).toBe("in the executor");
      }),
    ));

  test("makes the default executor of a loop when it is needed, as whoever provides it says", async () => {
    const made: InPlace[] = [];
    provideDefaultExecutor(() => {
      made.push(new InPlace());
      return made.at(-1)!;
    });
    try {
      await run(sleep(0));
      expect(made).toEqual([]);
      const twice = coroutine(function* () {
        const loop = getRunningLoop();
        return [yield* loop.runInExecutor(null, () => 1), yield* loop.runInExecutor(null, () => 2)];
      });
      expect([await run(twice), await run(twice)]).toEqual([
        [1, 2],
        [1, 2],
      ]);
      expect(made.map(({ log }) => log)).toEqual([
        ["submit", "submit", "shutdown wait=true"],
        ["submit", "submit", "shutdown wait=true"],
      ]);
    } finally {
      provideDefaultExecutor(null);
    }
  });

  test("needs a default executor when none is named", () => {
    const loop = newEventLoop();
    expect(() => loop.runInExecutor(null, () => {})).toThrow(
      "Cannot run in the default executor: there is none; call loop.setDefaultExecutor() or import @tsyncio/node",
    );
    expect(() => loop.setDefaultExecutor({} as any)).toThrow("Cannot set default executor: it has no submit()");
    expect(() => loop.setDefaultExecutor(null as any)).toThrow(TypeError);
  });
});

describe("shutdownDefaultExecutor", () => {
  test("waits for its work, and no more is taken", () =>
    run(
      coroutine(function* () {
        const loop = getRunningLoop();
        const executor = new InPlace(5);
        loop.setDefaultExecutor(executor);
        const start = loop.time();
        yield* loop.shutdownDefaultExecutor();
        expect(loop.time() - start).toBeGreaterThanOrEqual(4);
        expect(executor.log).toEqual(["shutdown wait=true"]);
        expect(() => loop.runInExecutor(null, () => {})).toThrow(
          "Cannot run in the default executor: it has been shut down",
        );
        yield* loop.shutdownDefaultExecutor();
        expect(executor.log.length).toBe(1);
      }),
    ));

  test("gives up after the timeout with a warning", () =>
    run(
      coroutine(function* () {
        const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
        const executor = new InPlace(100);
        getRunningLoop().setDefaultExecutor(executor);
        yield* getRunningLoop().shutdownDefaultExecutor(5);
        expect(executor.log).toEqual(["shutdown wait=true", "shutdown wait=false"]);
        expect(warn.mock.calls).toEqual([["The executor did not finishing joining its workers within 5 ms."]]);
        yield* sleep(0);
        expect(getRunningLoop().statistics().timers).toBe(0);
      }),
    ));

  test("is done by run(), and close() of a loop does not wait", async () => {
    const executor = new InPlace();
    await run(
      coroutine(function* () {
        getRunningLoop().setDefaultExecutor(executor);
      }),
    );
    expect(executor.log).toEqual(["shutdown wait=true"]);
    const loop = newEventLoop();
    const dropped = new InPlace();
    loop.setDefaultExecutor(dropped);
    loop.close();
    expect(dropped.log).toEqual(["shutdown wait=false"]);
  });

  test("may be a coroutine, and may fail: nobody waits for it when a loop is closed", async () => {
    const printed = vi.spyOn(console, "error").mockImplementation(() => {});
    const error = new RangeError("of the shutdown");
    const shutdowns = [
      coroutine(function* () {
        yield* sleep(0);
        throw error;
      }),
      () => Promise.reject(error),
      () => {
        throw error;
      },
    ];
    for (const shutdown of shutdowns) {
      const loop = newEventLoop();
      loop.setDefaultExecutor({ submit: () => expect.unreachable(), shutdown });
      loop.close();
      expect(loop.isClosed()).toBe(true);
    }
    await vi.waitFor(() => expect(printed).toHaveBeenCalledTimes(3));
    for (const call of printed.mock.calls) expect(call).toEqual(["tsyncio: the shutdown of an executor failed", error]);
  });
});
