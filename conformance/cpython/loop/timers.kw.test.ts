import { type HostTimer, TimerHandle, newEventLoop, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { program } from "../../program.ts";
import { VirtualHost } from "../../../test/virtual-host.ts";
import { byHand, runOnce } from "./loop-by-hand.ts";

test("test_base_events.py::BaseEventLoopTests.test_call_later: callLater() gives a timer that is not ready yet, and wants a duration", () =>
  byHand(async ({ loop, log }) => {
    const timer = loop.callLater(10_000, () => log.push("called"));
    expect(timer).toBeInstanceOf(TimerHandle);
    expect(loop.statistics()).toMatchObject({ ready: 0, timers: 1 });
    expect(() => loop.callLater(null as never, () => {})).toThrow(
      new TypeError('Cannot read duration null: expected milliseconds or a string such as "250ms", "1.5s", "2m", "1h"'),
    );
    expect(loop.statistics().timers).toBe(1);
    timer.cancel();
    await runOnce(loop);
    expect(log).toEqual([]);
  }));

test("test_base_events.py::BaseEventLoopTests.test_call_later_negative_delays: timers whose time is past run in the next iteration, the earlier deadline first", () =>
  byHand(async ({ loop, log }) => {
    loop.callLater(-1, (arg: string) => log.push(arg), "a");
    loop.callLater(-2, (arg: string) => log.push(arg), "b");
    loop.callSoon(() => log.push("ready before"));
    await runOnce(loop);
    expect(log).toEqual(["ready before", "b", "a"]);
  }));

test("test_base_events.py::BaseEventLoopTests.test_time_and_call_at: callAt() calls at a time of the loop's clock and not before, and wants a number", () =>
  byHand(async ({ loop, log }) => {
    const when = loop.time() + 100;
    loop.callAt(when, () => {
      log.push(loop.time());
      loop.stop();
    });
    await loop.runForever();
    expect(log).toEqual([when]);
    for (const wrong of [null, undefined, NaN, "100ms"])
      expect(() => loop.callAt(wrong as never, () => {})).toThrow(
        new TypeError(`Cannot call at ${String(wrong)}: when must be loop.time() milliseconds`),
      );
  }));

test("test_events.py::EventLoopTestsMixin.test_call_later: callLater() calls once, with the arguments, when its time has come", () =>
  byHand(async ({ loop, log }) => {
    const callback = (...args: string[]) => {
      log.push([loop.time(), ...args]);
      loop.stop();
    };
    loop.callLater(100, callback, "hello world");
    await loop.runForever();
    expect(log).toEqual([[100, "hello world"]]);
  }));

/** Rings too early, once for each time that it is given, as platforms may. */
class HastyHost extends VirtualHost {
  readonly #seen = new Set<number>();

  override setTimer(at: number, fn: () => void): HostTimer {
    if (this.#seen.has(at)) return super.setTimer(at, fn);
    this.#seen.add(at);
    return super.setTimer((this.time + at) / 2, fn);
  }
}

test("test_events.py::EventLoopTestsMixin.test_timeout_rounding: waits far below a millisecond end, and a host that rings early costs no iterations", () =>
  program(async ({ log }) => {
    const waiting = async () => {
      for (const seconds of [1e-2, 1e-4, 1e-6, 1e-8, 1e-10]) await sleep(seconds * 1000);
    };
    for (const host of [new VirtualHost(), new HastyHost()]) {
      const loop = newEventLoop({ host });
      await loop.runUntilComplete(waiting());
      expect(host.time).toBeGreaterThanOrEqual(10.101);
      log.push(loop.statistics().iterations);
      loop.close();
    }
    expect(log).toEqual([12, 12]);
  }));
