import { Future, RuntimeError, isCoroutine, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { program } from "../../program.ts";

test("test_futures.py::BaseFutureTests.test_yield_from_twice: a coroutine waits at its first await of a future, and goes on at once at the second", () =>
  program(async ({ log }) => {
    const future = new Future<number>();
    const awaitingTwice = async () => {
      log.push("A");
      log.push(["B", await future]);
      log.push(["C", await future]);
    };
    const co: unknown = awaitingTwice();
    if (!isCoroutine(co)) throw new Error("expected a coroutine");
    expect(co.send().done).toBe(false);
    expect(log).toEqual(["A"]);
    future.setResult(42);
    expect(co.send()).toEqual({ done: true, value: undefined });
    expect(log).toEqual(["A", ["B", 42], ["C", 42]]);
    await sleep(0);
  }));

test("test_futures.py::BaseFutureTests.test_iter: iterating over a pending future instead of awaiting it throws, in a task and outside of one, and does no harm", () =>
  program(async ({ loop, log }) => {
    const future: Iterable<unknown> & Future<number> = new Future<number>();
    loop.callSoon(() => {
      expect(() => [...future]).toThrow(new RuntimeError("Cannot wait for a future: there is no current task"));
      log.push("outside of a task");
    });
    await sleep(0);
    const misuses = [
      () => [...future],
      () => {
        const [first] = future;
        return first;
      },
    ];
    for (const misuse of misuses)
      expect(misuse).toThrow(new RuntimeError("Cannot iterate over <Future pending>: it must be awaited"));
    future.setResult(1);
    await sleep(5);
    expect(log).toEqual(["outside of a task"]);
    expect(await future).toBe(1);
  }));
