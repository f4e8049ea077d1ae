import { inspect } from "node:util";
import { CancelledError, type Coroutine, RuntimeError, Timeout, sleep, timeout } from "tsyncio";
import { expect, test } from "vitest";
import { program } from "../../program.ts";
import { thrownBy } from "../../thrown-by.ts";

const AWAITED_TWICE = new RuntimeError(
  'Cannot await coroutine "timeout": it has already been awaited; call timeout() again for a new one',
);

const cannotReschedule = (state: string): RuntimeError =>
  new RuntimeError(
    `Cannot reschedule Timeout: it is ${state}; move the deadline while the body runs and before it strikes`,
  );

test("test_timeouts.py::TimeoutTests.test_repr_active: while the body runs a Timeout shows its deadline, in whole milliseconds", () =>
  program(async () => {
    await timeout("10.0004s", async (limit) => {
      expect([String(limit), inspect(limit)]).toEqual([
        "<Timeout [active] when=10000>",
        "<Timeout [active] when=10000>",
      ]);
    });
  }));

test("test_timeouts.py::TimeoutTests.test_repr_expired: a Timeout that has expired shows that, and no deadline any more", () =>
  program(async () => {
    let limit!: Timeout;
    const error = await thrownBy(
      timeout(10, async (given) => {
        limit = given;
        await sleep(10_000);
      }),
    );
    expect([(error as Error).name, String(limit)]).toEqual(["TimeoutError", "<Timeout [expired]>"]);
  }));

test("test_timeouts.py::TimeoutTests.test_repr_finished: a Timeout whose body ended in time shows that, and no deadline any more", () =>
  program(async () => {
    const limit = await timeout("10s", async (given) => {
      await sleep(0);
      return given;
    });
    expect(String(limit)).toBe("<Timeout [finished]>");
  }));

test("test_timeouts.py::TimeoutTests.test_repr_disabled: a Timeout without a deadline shows null", () =>
  program(async () => {
    const text = await timeout(null, async (limit) => String(limit));
    expect(text).toBe("<Timeout [active] when=null>");
  }));

test("test_timeouts.py::TimeoutTests.test_timeout_already_entered: a timeout that runs cannot be entered once more, and the attempt does it no harm", () =>
  program(async ({ log }) => {
    const limited: Coroutine<string> = timeout(10, async (limit) => {
      log.push(await thrownBy(limited), limit.expired());
      return await sleep(5, "in time");
    });
    expect(await limited).toBe("in time");
    expect(log).toEqual([AWAITED_TWICE, false]);
  }));

test("test_timeouts.py::TimeoutTests.test_timeout_double_enter: a timeout that is over cannot be entered once more", () =>
  program(async ({ log }) => {
    const limited = timeout(10, async () => void log.push("body"));
    await limited;
    log.push(await thrownBy(limited));
    expect(log).toEqual(["body", AWAITED_TWICE]);
  }));

test("test_timeouts.py::TimeoutTests.test_timeout_finished: the deadline of a body that is over cannot be moved", () =>
  program(async ({ loop }) => {
    const limit = await timeout(10, async (given) => given);
    expect(() => limit.reschedule(loop.time() + 20)).toThrow(cannotReschedule("finished"));
    expect(limit.when()).toBe(10);
  }));

test("test_timeouts.py::TimeoutTests.test_timeout_expired: a deadline that has struck cannot be moved when the body is over", () =>
  program(async ({ loop }) => {
    let limit!: Timeout;
    await thrownBy(
      timeout(10, async (given) => {
        limit = given;
        await sleep(1000);
      }),
    );
    expect(() => limit.reschedule(loop.time() + 20)).toThrow(cannotReschedule("expired"));
    expect(limit.when()).toBe(10);
  }));

test("test_timeouts.py::TimeoutTests.test_timeout_expiring: a deadline that has struck cannot be moved while the body still runs, and a body that swallows the cancellation ends well", () =>
  program(async ({ loop, log }) => {
    const limit = await timeout(10, async (limit) => {
      log.push(await thrownBy(sleep(1000)), limit.expired(), String(limit));
      expect(() => limit.reschedule(loop.time() + 20)).toThrow(cannotReschedule("expiring"));
      return limit;
    });
    expect(log).toEqual([expect.any(CancelledError), true, "<Timeout [expiring]>"]);
    expect(String(limit)).toBe("<Timeout [expired]>");
  }));

test("test_timeouts.py::TimeoutTests.test_timeout_not_entered: a timeout that nobody awaits has not been entered: its time does not run, and there is no deadline to move", () =>
  program(async ({ loop, log }) => {
    const limited = timeout(10, async (limit) => void log.push(limit.when()));
    await sleep(100);
    expect([limited.state, log, loop.statistics().timers]).toEqual(["created", [], 0]);
    await limited;
    expect(log).toEqual([110]);
    expect(() => new Timeout().reschedule(20)).toThrow(cannotReschedule("created"));
  }));

test("test_timeouts.py::TimeoutTests.test_timeout_without_task: a timeout is refused where there is no current task, before its body is called", () =>
  program(async ({ loop, log }) => {
    loop.callSoon(() => {
      const limited = timeout(10, async (limit) => void log.push(limit));
      try {
        limited.send();
      } catch (error) {
        log.push(error, limited.state);
      }
    });
    await sleep(0);
    expect(log).toEqual([
      new RuntimeError("Cannot enter Timeout: there is no current task; use it inside a task"),
      "closed",
    ]);
    expect(loop.statistics().timers).toBe(0);
  }));
