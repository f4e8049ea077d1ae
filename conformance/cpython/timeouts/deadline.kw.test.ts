import {
  CancelledError,
  Future,
  type Timeout,
  TimeoutError,
  createTask,
  currentTask,
  sleep,
  timeout,
  timeoutAt,
} from "tsyncio";
import { expect, test } from "vitest";
import { program } from "../../program.ts";
import { thrownBy } from "../../thrown-by.ts";

test("test_timeouts.py::TimeoutTests.test_timeout_basic: a body that takes longer than its timeout ends with a TimeoutError, and the timeout has expired", () =>
  program(async ({ loop }) => {
    let limit!: Timeout;
    const error = await thrownBy(
      timeout(10, async (given) => {
        limit = given;
        expect(limit.expired()).toBe(false);
        await sleep(10_000);
      }),
    );
    expect(error).toBeInstanceOf(TimeoutError);
    expect((error as Error).cause).toBeInstanceOf(CancelledError);
    expect([limit.expired(), loop.time(), currentTask()!.cancelling()]).toEqual([true, 10, 0]);
  }));

test("test_timeouts.py::TimeoutTests.test_timeout_at_basic: timeoutAt() takes a time of the loop's clock, and when() keeps it", () =>
  program(async ({ loop }) => {
    await sleep(5);
    const deadline = loop.time() + 10;
    let limit!: Timeout;
    const error = await thrownBy(
      timeoutAt(deadline, async (given) => {
        limit = given;
        await sleep(10_000);
      }),
    );
    expect(error).toBeInstanceOf(TimeoutError);
    expect([limit.expired(), limit.when(), loop.time()]).toEqual([true, deadline, deadline]);
  }));

test("test_timeouts.py::TimeoutTests.test_waiter_cancelled: at the deadline the wait in the body throws CancelledError, which becomes the TimeoutError outside", () =>
  program(async ({ log }) => {
    const error = await thrownBy(
      timeout(10, async () => {
        try {
          await sleep(10_000);
        } catch (inside) {
          log.push(inside);
          throw inside;
        }
      }),
    );
    expect(log).toEqual([expect.any(CancelledError)]);
    expect(error).toBeInstanceOf(TimeoutError);
    expect((error as Error).cause).toBe(log[0]);
  }));

test("test_timeouts.py::TimeoutTests.test_timeout_not_called: a body that ends in time is not disturbed, and its timeout has not expired", () =>
  program(async ({ loop }) => {
    const limit = await timeout("10s", async (given) => {
      await sleep(10);
      return given;
    });
    expect([limit.expired(), limit.when(), loop.time()]).toEqual([false, 10_000, 10]);
  }));

test("test_timeouts.py::TimeoutTests.test_timeout_disabled: timeout(null) is no limit", () =>
  program(async ({ loop }) => {
    const limit = await timeout(null, async (given) => {
      expect(loop.statistics().timers).toBe(0);
      await sleep(10);
      return given;
    });
    expect([limit.expired(), limit.when()]).toEqual([false, null]);
  }));

test("test_timeouts.py::TimeoutTests.test_timeout_at_disabled: timeoutAt(null) is no limit", () =>
  program(async ({ loop }) => {
    const limit = await timeoutAt(null, async (given) => {
      expect(loop.statistics().timers).toBe(0);
      await sleep(10);
      return given;
    });
    expect([limit.expired(), limit.when()]).toEqual([false, null]);
  }));

/** How a body that waits with `wait` ends after `delay`: its error, the deadline, and the time that it took. */
async function outcome(now: () => number, delay: number, wait: () => PromiseLike<void>) {
  const begin = now();
  let limit!: Timeout;
  const error = await thrownBy(
    timeout(delay, async (given) => {
      limit = given;
      await wait();
    }),
  );
  return [(error as Error).name, limit.expired(), limit.when()! - begin, now() - begin];
}

test("test_timeouts.py::TimeoutTests.test_timeout_zero: a timeout of zero expires at the first wait, and no time passes", () =>
  program(async ({ loop }) => {
    await sleep(100);
    expect(
      await outcome(
        () => loop.time(),
        0,
        () => sleep(10_000),
      ),
    ).toEqual(["TimeoutError", true, 0, 0]);
  }));

test("test_timeouts.py::TimeoutTests.test_timeout_zero_sleep_zero: a timeout of zero expires even when the body gives way for one iteration only", () =>
  program(async ({ loop }) => {
    await sleep(100);
    expect(
      await outcome(
        () => loop.time(),
        0,
        () => sleep(0),
      ),
    ).toEqual(["TimeoutError", true, 0, 0]);
  }));

test("test_timeouts.py::TimeoutTests.test_timeout_in_the_past_sleep_zero: a timeout below zero has a deadline in the past, and expires at the first wait", () =>
  program(async ({ loop }) => {
    await sleep(100);
    expect(
      await outcome(
        () => loop.time(),
        -11,
        () => sleep(0),
      ),
    ).toEqual(["TimeoutError", true, -11, 0]);
  }));

test("test_timeouts.py::TimeoutTests.test_outer_task_is_not_cancelled: a task that catches its TimeoutError is not left cancelled", () =>
  program(async ({ log }) => {
    const task = createTask(
      (async () => {
        const error = await thrownBy(timeout(1, async () => await sleep(10_000)));
        log.push((error as Error).name, currentTask()!.cancelling());
        await sleep(5);
        return "went on";
      })(),
    );
    expect(await task).toBe("went on");
    expect(log).toEqual(["TimeoutError", 0]);
    expect([task.done(), task.cancelled()]).toEqual([true, false]);
  }));

test("test_timeouts.py::TimeoutTests.test_reschedule: others may move a deadline while the body runs, and take it away", () =>
  program(async ({ loop, log }) => {
    const entered = new Future<[Timeout]>();
    const task = createTask(
      timeoutAt(10_000, async (limit) => {
        entered.setResult([limit]);
        await sleep(50_000);
      }),
    );
    const [limit] = await entered;
    log.push(limit.when());
    limit.reschedule(30_000);
    log.push(limit.when());
    await sleep(20_000);
    expect(task.done()).toBe(false);
    limit.reschedule(null);
    log.push(limit.when());
    await sleep(20_000);
    expect(task.done()).toBe(false);
    task.cancel();
    expect(await thrownBy(task)).toBeInstanceOf(CancelledError);
    expect(log).toEqual([10_000, 30_000, null]);
    expect([limit.expired(), loop.time()]).toEqual([false, 40_000]);
  }));
