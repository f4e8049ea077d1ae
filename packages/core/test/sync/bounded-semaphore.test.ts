import { BoundedSemaphore, RuntimeError, Semaphore, coroutine, run } from "tsyncio";
import { describe, expect, test } from "vitest";

describe("BoundedSemaphore", () => {
  test("refuses a release too many, and changes nothing by it", () =>
    run(
      coroutine(function* () {
        const semaphore = new BoundedSemaphore(2);
        yield* semaphore.acquire();
        semaphore.release();
        expect(() => semaphore.release()).toThrow(
          new RuntimeError(
            "Cannot release BoundedSemaphore: it was released too many times; all of its 2 permits are free",
          ),
        );
        expect(semaphore.statistics()).toEqual({ value: 2, waiters: 0, bound: 2 });
      }),
    ));

  test("counts what its guards give back", () =>
    run(
      coroutine(function* () {
        const semaphore = new BoundedSemaphore(1);
        const guard = yield* semaphore.acquire();
        guard[Symbol.dispose]();
        expect(() => guard[Symbol.dispose]()).toThrow("released too many times");
      }),
    ));

  test("is a semaphore", () => {
    expect(new BoundedSemaphore()).toBeInstanceOf(Semaphore);
    expect(() => new BoundedSemaphore(-1)).toThrow("Cannot create BoundedSemaphore: value must be an integer >= 0");
    expect(String(new BoundedSemaphore(4))).toBe("<BoundedSemaphore [unlocked, value:4]>");
  });
});
