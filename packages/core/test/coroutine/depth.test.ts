import { coroutine, run, sleep } from "tsyncio";
import { describe, expect, test } from "vitest";

/** A generator function whose resumptions are counted: by next(), throw() and return(). */
function counted<A extends any[], T>(
  counter: { steps: number },
  fn: (...args: A) => Generator<any, T, any>,
): (...args: A) => Generator<any, T, any> {
  const GeneratorPrototype = Object.getPrototypeOf(function* () {}).prototype as Generator;
  return (...args) => {
    const inner = fn(...args);
    return (function* (): Generator<any, T, any> {
      let step = GeneratorPrototype.next.call(inner);
      for (;;) {
        counter.steps++;
        if (step.done) return step.value as T;
        let sent: unknown;
        try {
          sent = yield step.value;
        } catch (error) {
          step = GeneratorPrototype.throw.call(inner, error);
          continue;
        }
        step = GeneratorPrototype.next.call(inner, sent);
      }
    })();
  };
}

describe("a deep chain of coroutines", () => {
  test.each([1, 10, 1000, 50_000])("at depth %d a wait at the bottom resumes only the bottom", (depth) => {
    const WAITS = 50;
    const counter = { steps: 0 };
    const bottom = coroutine(
      counted(counter, function* () {
        for (let i = 0; i < WAITS; i++) yield sleep(0);
      }),
    );
    const level = coroutine(
      counted(counter, function* (n: number): Generator<any, void, any> {
        yield n === 0 ? bottom() : level(n - 1);
      }),
    );
    return run(level(depth)).then(() => {
      // Each of the levels begins and ends; the bottom is resumed once for each wait.
      const levels = depth + 1;
      expect(counter.steps).toBe(2 * levels + WAITS + 1);
    });
  });

  test("of 100,000 `yield*` comes to its end", async () => {
    const level = coroutine(function* (n: number): Generator<any, number, any> {
      if (n === 0) {
        yield* sleep(0);
        return 0;
      }
      return (yield* level(n - 1)) + 1;
    });
    expect(await run(level(100_000))).toBe(100_000);
  });

  test("of 100,000 `yield*` passes an error through each", async () => {
    let caught = 0;
    const level = coroutine(function* (n: number): Generator<any, void, any> {
      try {
        if (n > 0) yield* level(n - 1);
        else throw new RangeError("at the bottom");
      } catch (error) {
        caught++;
        throw error;
      }
    });
    await expect(run(level(100_000))).rejects.toThrow("at the bottom");
    expect(caught).toBe(100_001);
  });

  test("can be driven by hand", () => {
    const level = coroutine(function* (n: number): Generator<any, number, any> {
      if (n === 0) {
        yield* sleep(0);
        return 0;
      }
      return (yield* level(n - 1)) + 1;
    });
    const co = level(10_000);
    expect(co.send().done).toBe(false);
    expect(co.send()).toEqual({ done: true, value: 10_000 });
  });
});
