import { Handle, TimerHandle, newEventLoop, type EventLoop } from "tsyncio";
import { describe, expect, test } from "vitest";
import { ManualHost } from "./manual-host.ts";

function running(): { host: ManualHost; loop: EventLoop; log: string[]; say: (line: string) => () => void } {
  const host = new ManualHost();
  const loop = newEventLoop({ host });
  void loop.runForever();
  const log: string[] = [];
  return { host, loop, log, say: (line) => () => void log.push(`${loop.statistics().iterations}:${line}`) };
}

describe("callSoon", () => {
  test("calls in the order of the calls, each with its arguments, and never at once", () => {
    const { host, loop, log } = running();
    for (const name of ["a", "b", "c"]) {
      const handle = loop.callSoon((...args: unknown[]) => void log.push(args.join("")), name, 1);
      expect(handle).toBeInstanceOf(Handle);
    }
    expect(log).toEqual([]);
    host.settle();
    expect(log).toEqual(["a1", "b1", "c1"]);
  });

  test("an iteration runs what was ready when it began; what is added meanwhile comes in the next one", () => {
    const { host, loop, log, say } = running();
    loop.callSoon(() => {
      say("a")();
      loop.callSoon(() => (say("a+")(), loop.callSoon(say("a++"))));
    });
    loop.callSoon(() => (say("b")(), loop.callSoon(say("b+"))));
    host.settle();
    expect(log).toEqual(["1:a", "1:b", "2:a+", "2:b+", "3:a++"]);
  });

  test("a cancelled callback is skipped, also when it is cancelled by an earlier one of its iteration", () => {
    const { host, loop, log, say } = running();
    const never = loop.callSoon(say("never"));
    never.cancel();
    loop.callSoon(() => later.cancel());
    const later = loop.callSoon(say("nor this"));
    loop.callSoon(say("last"));
    host.settle();
    expect(log).toEqual(["1:last"]);
    expect([never.cancelled(), later.cancelled()]).toEqual([true, true]);
  });

  test("keeps its order when the queue grows beyond its first size", () => {
    const { host, loop } = running();
    const seen: number[] = [];
    for (let i = 0; i < 5000; i++) loop.callSoon((n: number) => void seen.push(n), i);
    host.settle();
    expect(seen).toEqual(Array.from({ length: 5000 }, (_, i) => i));
  });

  test("callSoonThreadsafe keeps its place among the others, and wakes a loop that waits", () => {
    const { host, loop, log, say } = running();
    loop.callSoon(say("a"));
    loop.callSoonThreadsafe(say("b"));
    loop.callSoon(say("c"));
    host.settle();
    expect(host.scheduled.length).toBe(0);
    loop.callSoonThreadsafe(say("from outside"));
    expect(host.scheduled.length).toBe(1);
    loop.callSoonThreadsafe(say("and again"));
    expect(host.scheduled.length).toBe(1);
    host.settle();
    expect(log).toEqual(["1:a", "1:b", "1:c", "2:from outside", "2:and again"]);
  });
});

describe("timers", () => {
  test("run at their deadlines, the earliest first, equal ones in the order of the calls", () => {
    const { host, loop, log, say } = running();
    loop.callLater(30, say("30"));
    loop.callLater(10, say("10 first"));
    loop.callLater("0.02s", say("20"));
    loop.callLater(10, say("10 second"));
    loop.callAt(10, say("at 10"));
    host.settle();
    expect(log).toEqual([]);
    host.advance(10);
    expect(log.map((line) => line.slice(2))).toEqual(["10 first", "10 second", "at 10"]);
    host.advance(9);
    expect(log.length).toBe(3);
    host.advance(100);
    expect(log.slice(3).map((line) => line.slice(2))).toEqual(["20", "30"]);
  });

  test("a delay of zero or less comes in the next iteration, after what is ready by then, the earlier deadline first", () => {
    const { host, loop, log, say } = running();
    loop.callSoon(() => {
      loop.callLater(0, say("0"));
      loop.callLater(-5, say("-5"));
      loop.callLater(-10, say("-10"));
      loop.callSoon(say("soon"));
      say("now")();
    });
    host.settle();
    expect(log).toEqual(["1:now", "2:soon", "2:-10", "2:-5", "2:0"]);
  });

  test("what becomes due in an iteration joins the next one behind what is ready", () => {
    const { host, loop, log, say } = running();
    loop.callLater(10, say("timer"));
    loop.callSoon(() => {
      host.time = 20;
      loop.callLater(0, say("timer 0"));
      loop.callSoon(say("soon"));
    });
    host.settle();
    expect(log).toEqual(["2:soon", "2:timer", "2:timer 0"]);
  });

  test("a cancelled timer does not run, and the host is not asked to wake for it", () => {
    const { host, loop, log, say } = running();
    const timer = loop.callLater(10, say("never"));
    loop.callLater(20, say("20"));
    host.settle();
    expect([...host.alarms].map(({ at }) => at)).toEqual([10]);
    timer.cancel();
    timer.cancel();
    expect(timer.cancelled()).toBe(true);
    loop.callSoon(say("turn"));
    host.settle();
    expect(loop.statistics().timers).toBe(1);
    host.advance(20);
    expect(log).toEqual(["1:turn", "2:20"]);
    expect([loop.statistics().timers, host.alarms.size]).toEqual([0, 0]);
  });

  test("a timer that is cancelled by an earlier one of the same deadline does not run, and is not counted twice", () => {
    const { host, loop, log, say } = running();
    loop.callLater(10, () => second.cancel());
    const second = loop.callLater(10, say("never"));
    loop.callLater(30, say("30"));
    host.settle();
    host.advance(10);
    expect(log).toEqual([]);
    expect(loop.statistics().timers).toBe(1);
    host.advance(20);
    expect(log.map((line) => line.slice(2))).toEqual(["30"]);
  });

  test("cancelling a timer that ran changes nothing", () => {
    const { host, loop } = running();
    const timer = loop.callLater(10, () => {});
    loop.callLater(50, () => {});
    host.settle();
    host.advance(10);
    timer.cancel();
    expect(loop.statistics().timers).toBe(1);
  });

  test("the host is asked for the earliest deadline only, again when an earlier one comes", () => {
    const { host, loop } = running();
    loop.callLater(1000, () => {});
    host.settle();
    expect([...host.alarms].map(({ at }) => at)).toEqual([1000]);
    loop.callLater(2000, () => {});
    host.settle();
    expect([...host.alarms].map(({ at }) => at)).toEqual([1000]);
    loop.callLater(500, () => {});
    host.settle();
    expect([...host.alarms].map(({ at }) => at)).toEqual([500]);
  });

  test("an alarm of the host that comes early fires nothing, and the loop asks again", () => {
    const { host, loop, log, say } = running();
    loop.callLater(10, say("10"));
    host.settle();
    const [early] = host.alarms;
    host.alarms.delete(early);
    host.time = 9.5;
    early.fn();
    host.settle();
    expect(log).toEqual([]);
    expect([...host.alarms].map(({ at }) => at)).toEqual([10]);
    host.advance(0.5);
    expect(log.length).toBe(1);
  });

  test("tells its deadline", () => {
    const { host, loop } = running();
    host.time = 100;
    const timer = loop.callLater("1.5s", () => {});
    expect(timer).toBeInstanceOf(TimerHandle);
    expect([timer.when(), loop.callAt(77, () => {}).when(), loop.time()]).toEqual([1600, 77, 100]);
  });

  test("thousands of them in any order, half of them cancelled, run in order of deadline and call", () => {
    const { host, loop } = running();
    const seen: [at: number, call: number][] = [];
    const expected: [at: number, call: number][] = [];
    let random = 12_345;
    const next = (below: number): number => (random = (random * 1_103_515_245 + 12_345) % 2_147_483_648) % below;
    for (let call = 0; call < 4000; call++) {
      const at = 1 + next(300);
      const timer = loop.callAt(at, () => void seen.push([at, call]));
      if (next(2) === 0) timer.cancel();
      else expected.push([at, call]);
      if (call % 500 === 0) host.settle();
    }
    expect(loop.statistics().timers).toBe(expected.length);
    host.settle();
    for (let i = 0; i < 300; i++) host.advance(1);
    expect(seen).toEqual(expected.sort(([a, i], [b, j]) => a - b || i - j));
    expect(loop.statistics().timers).toBe(0);
  });
});

describe("what cannot be scheduled is refused at the call", () => {
  const loop = newEventLoop({ host: new ManualHost() });
  test.each([undefined, null, 1, "f", {}])("%s", (callback: any) => {
    expect(() => loop.callSoon(callback)).toThrow(TypeError);
    expect(() => loop.callSoonThreadsafe(callback)).toThrow(TypeError);
    expect(() => loop.callLater(1, callback)).toThrow(TypeError);
    expect(() => loop.callAt(1, callback)).toThrow(TypeError);
    expect(loop.statistics()).toMatchObject({ ready: 0, timers: 0 });
  });

  test("a time that is none", () => {
    expect(() => loop.callLater(null as any, () => {})).toThrow(TypeError);
    expect(() => loop.callLater(Number.NaN, () => {})).toThrow(RangeError);
    expect(() => loop.callLater("soon" as any, () => {})).toThrow(TypeError);
    expect(() => loop.callAt(null as any, () => {})).toThrow(TypeError);
    expect(() => loop.callAt(Number.NaN, () => {})).toThrow(TypeError);
    expect(loop.statistics().timers).toBe(0);
  });

  test("a callback that is no function is named in the message", () => {
    expect(() => loop.callSoon(null as any)).toThrow("Cannot callSoon(): expected a function, received null");
  });
});

test("the statistics count what the loop holds, and are a snapshot", () => {
  const { host, loop } = running();
  loop.callSoon(() => {});
  loop.callLater(10, () => {});
  const statistics = loop.statistics();
  expect(statistics).toEqual({ iterations: 0, ready: 1, timers: 1, tasks: 0 });
  expect(Object.isFrozen(statistics)).toBe(true);
  host.settle();
  expect(loop.statistics()).toEqual({ iterations: 1, ready: 0, timers: 1, tasks: 0 });
});
