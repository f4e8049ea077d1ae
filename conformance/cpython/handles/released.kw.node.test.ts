import { Handle, TimerHandle, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { program } from "../../program.ts";
import { collectGarbage } from "../../../test/collect-garbage.ts";

test("test_events.py::TimerTests.test_timer: a timer calls its callback with the arguments at its deadline; once it is cancelled it holds neither of them any more", () =>
  program(async ({ loop, log }) => {
    const released: WeakRef<object>[] = [];
    const scheduled = () => {
      const argument = {};
      const callback = (...args: unknown[]) => log.push([loop.time(), ...args]);
      released.push(new WeakRef(argument), new WeakRef(callback));
      return loop.callLater(5, callback, argument);
    };
    const cancelled = scheduled();
    expect([cancelled instanceof TimerHandle, cancelled instanceof Handle]).toEqual([true, true]);
    expect(cancelled.cancelled()).toBe(false);
    cancelled.cancel();
    expect(cancelled.cancelled()).toBe(true);
    await sleep(0);
    await collectGarbage(() => released.every((ref) => ref.deref() === undefined));
    expect(released.map((ref) => ref.deref())).toEqual([undefined, undefined]);
    expect(cancelled.when()).toBe(5);

    const when = loop.time() + 5;
    const timer = loop.callAt(when, (...args: unknown[]) => log.push([loop.time(), ...args]), 1, 2, 3);
    expect(loop.statistics().timers).toBe(1);
    await sleep(10);
    expect(log).toEqual([[when, 1, 2, 3]]);
    expect(timer.cancelled()).toBe(false);
  }));
