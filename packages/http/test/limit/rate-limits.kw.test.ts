import { RateLimits, type RateLimitsOptions } from "@tsyncio/http";
import {
  CancelledError,
  type EventLoop,
  RuntimeError,
  createTask,
  gather,
  getRunningLoop,
  newEventLoop,
  run,
  sleep,
} from "tsyncio";
import { describe, expect, test } from "vitest";
import { VirtualHost } from "../../../../test/virtual-host.ts";

const virtual = { loopFactory: (): EventLoop => newEventLoop({ host: new VirtualHost() }) };

/** Limits without a margin, so that the times in a test are round. */
function exact(rate: number, per: number, burst = 1): { rate: number; per: number; burst: number; margin: number } {
  return { rate, per, burst, margin: 0 };
}

const now = () => getRunningLoop().time();

describe("RateLimits.reserve", () => {
  test("spreads what it gives evenly over the time", () =>
    run(async () => {
      const limits = new RateLimits({ requests: exact(4, 1_000) });
      const times: number[] = [];
      for (let i = 0; i < 6; i++) {
        await limits.reserve();
        times.push(now());
      }
      expect(times).toEqual([0, 250, 500, 750, 1_000, 1_250]);
    }, virtual));

  test("gives a burst at once, and no more than the rate in any window", () =>
    run(async () => {
      const limits = new RateLimits({ requests: exact(4, 1_000, 3) });
      const times: number[] = [];
      for (let i = 0; i < 9; i++) {
        await limits.reserve();
        times.push(now());
      }
      // After three at once and one more the window is full until the three leave it; the bucket is full again then.
      expect(times).toEqual([0, 0, 0, 250, 1_000, 1_000, 1_000, 1_250, 2_000]);
    }, virtual));

  test("keeps a margin of three percent by itself", () =>
    run(async () => {
      const limits = new RateLimits({ requests: "10/1s" });
      for (let i = 0; i < 11; i++) await limits.reserve();
      expect(now()).toBeCloseTo(1_030, 6);
    }, virtual));

  test("takes of all dimensions at the time when all can give, and of none before", () =>
    run(async () => {
      const limits = new RateLimits({ requests: exact(1, 100), tokens: exact(1_000, 1_000, 1_000) });
      const log: string[] = [];
      const ask = async (tokens: number) => {
        await limits.reserve({ tokens });
        log.push(`${tokens} at ${now()}`);
      };
      await ask(600);
      const second = createTask(ask(600));
      await sleep(150);
      // A request could be had since 100 ms: it is still there.
      expect(limits.statistics().limits.map(({ remaining }) => remaining)).toEqual([1, 400]);
      await second;
      await ask(10);
      expect(log).toEqual(["600 at 0", "600 at 1000", "10 at 1100"]);
    }, virtual));

  test("serves in the order of arrival: what is small does not overtake what is large", () =>
    run(async () => {
      const limits = new RateLimits({ tokens: exact(10, 1_000, 10) });
      const log: string[] = [];
      await limits.reserve({ tokens: 10 });
      await gather(
        ...[8, 0, 1].map(async (tokens) => {
          await limits.reserve({ tokens });
          log.push(`${tokens} at ${now()}`);
        }),
      );
      expect(log).toEqual(["8 at 1000", "0 at 1000", "1 at 1000"]);
    }, virtual));

  test("takes one request when nothing else is said, and none of what is not limited", () =>
    run(async () => {
      const limits = new RateLimits({ requests: exact(5, 1_000) });
      const one = await limits.reserve({ tokens: 1e9 });
      expect(one.cost).toEqual({ requests: 1, tokens: 1e9 });
      expect(limits.tryReserve({ requests: 0 })?.cost).toEqual({ requests: 0 });
      expect(limits.statistics().limits[0].remaining).toBe(4);
    }, virtual));

  test("keeps several rates of one dimension together", () =>
    run(async () => {
      const limits = new RateLimits({ requests: [exact(2, 100, 2), exact(3, 1_000, 3)] });
      const times: number[] = [];
      for (let i = 0; i < 5; i++) {
        await limits.reserve();
        times.push(now());
      }
      expect(times).toEqual([0, 0, 100, 1_000, 1_000]);
    }, virtual));

  test("does not suspend while there is enough and nobody waits", () =>
    run(async () => {
      const limits = new RateLimits({ requests: exact(2, 1_000, 2) });
      const log: string[] = [];
      const note = async () => void log.push("other");
      const other = createTask(note());
      await limits.reserve();
      expect(log).toEqual([]);
      await other;
    }, virtual));

  test("gives everything at once where nothing is limited", () =>
    run(async () => {
      const limits = new RateLimits();
      for (let i = 0; i < 1_000; i++) await limits.reserve({ tokens: 1e6 });
      expect([now(), limits.statistics()]).toEqual([0, { waiters: 0, open: 1_000, pausedFor: 0, limits: [] }]);
    }, virtual));

  test("lets what costs more than a burst go when everything before has been paid, and owes it then", () =>
    run(async () => {
      const limits = new RateLimits({ tokens: exact(1_000, 1_000, 10) });
      const times: number[] = [];
      for (const tokens of [300, 200, 5]) {
        await limits.reserve({ tokens });
        times.push(now());
      }
      expect(times).toEqual([0, 300, 495]);
    }, virtual));

  test("throws at the call for a cost that never can be given", () => {
    const limits = new RateLimits({ tokens: "4000/1m" });
    expect(() => limits.reserve({ tokens: 5_000 })).toThrow(
      new RangeError(
        "Cannot reserve 5000 tokens: never are more than 4000 given in 60000 ms; divide the request, or raise the limit",
      ),
    );
    expect(() => limits.tryReserve({ tokens: 5_000 })).toThrow(RangeError);
  });

  test.each([
    [{ tokens: -1 }, new RangeError("Cannot reserve: tokens must be a number >= 0, received -1")],
    [{ tokens: Number.NaN }, new RangeError("Cannot reserve: tokens must be a number >= 0, received NaN")],
    [{ tokens: "7" }, new RangeError("Cannot reserve: tokens must be a number >= 0, received 7")],
    [7, new TypeError("Cannot reserve: expected a cost such as { tokens: 700 }, received 7")],
  ])("refuses the cost %o", (cost, error) => {
    expect(() => new RateLimits().reserve(cost as any)).toThrow(error);
  });

  test("waits on one loop only", async () => {
    const limits = new RateLimits({ requests: "1/1h" });
    await run(limits.reserve(), virtual);
    await expect(run(async () => void (await limits.reserve()), virtual)).rejects.toThrow(
      new RuntimeError(
        "Cannot use <RateLimits [requests:0/1]> here: it is bound to a different event loop; make one for each loop",
      ),
    );
  });
});

describe("a task that is cancelled", () => {
  test("takes nothing, and lets the next in line go at once when it was too large for what is there", () =>
    run(async () => {
      const limits = new RateLimits({ tokens: exact(10, 1_000, 10) });
      await limits.reserve({ tokens: 5 });
      const large = createTask(limits.reserve({ tokens: 10 }));
      const small = createTask(limits.reserve({ tokens: 5 }));
      await sleep(0);
      large.cancel();
      await expect(large).rejects.toBeInstanceOf(CancelledError);
      await small;
      expect(now()).toBe(0);
      expect(limits.statistics()).toMatchObject({ waiters: 0, open: 2, limits: [{ remaining: 0 }] });
    }, virtual));

  test("in the iteration in which it is granted gives everything to the next", () =>
    run(async () => {
      const limits = new RateLimits({ requests: exact(1, 100) });
      await limits.reserve();
      const first = createTask(limits.reserve());
      const second = createTask(limits.reserve());
      await sleep(0);
      // Due at the same time as the grant, and before the task has its step.
      getRunningLoop().callAt(100, () => first.cancel());
      await second;
      expect([first.cancelled(), now(), limits.statistics().open]).toEqual([true, 100, 2]);
    }, virtual));

  test("in the iteration before its grant is passed over, and the next has it without a delay", () =>
    run(async () => {
      const limits = new RateLimits({ requests: exact(1, 100) });
      const heard: unknown[] = [];
      getRunningLoop().setExceptionHandler((_loop, { exception }) => void heard.push(exception));
      await limits.reserve();
      // Due before the grant, in the same iteration.
      getRunningLoop().callAt(100, () => first.cancel());
      const first = createTask(limits.reserve());
      const second = createTask(limits.reserve());
      await second;
      expect([first.cancelled(), now(), limits.statistics().open]).toEqual([true, 100, 2]);
      expect(heard).toEqual([]);
    }, virtual));

  test("leaves no timer when it was the only one in line", () =>
    run(async () => {
      const limits = new RateLimits({ requests: "1/1h" });
      await limits.reserve();
      const task = createTask(limits.reserve());
      await sleep(0);
      expect(getRunningLoop().statistics().timers).toBe(1);
      task.cancel();
      await expect(task).rejects.toBeInstanceOf(CancelledError);
      expect(getRunningLoop().statistics().timers).toBe(0);
    }, virtual));
});

describe("Reservation", () => {
  const tokens = (limits: RateLimits): number => limits.statistics().limits[0].remaining;
  const of = (rates: RateLimitsOptions): RateLimits => new RateLimits(rates);

  test("gives back at once what was reserved in excess", () =>
    run(async () => {
      const limits = of({ tokens: exact(100, 1_000, 100) });
      const first = await limits.reserve({ tokens: 90 });
      const second = createTask(limits.reserve({ tokens: 60 }));
      await sleep(200);
      first.correct({ tokens: 40 });
      await second;
      expect([now(), tokens(limits), first.state]).toEqual([200, 0, "settled"]);
    }, virtual));

  test("takes what was missing, and who comes next waits for it", () =>
    run(async () => {
      const limits = of({ tokens: exact(100, 1_000, 100) });
      const first = await limits.reserve({ tokens: 50 });
      await sleep(100);
      first.correct({ tokens: 130 });
      expect(tokens(limits)).toBe(-30);
      await limits.reserve({ tokens: 21 });
      // Not when the 50 leave the window, but when the 80 do, which may have been counted at 100 ms.
      expect(now()).toBe(1_100);
    }, virtual));

  test("takes what was not reserved at all", () =>
    run(async () => {
      const limits = of({ tokens: exact(100, 1_000, 100) });
      const first = await limits.reserve();
      first.correct({ tokens: 70 });
      expect(tokens(limits)).toBe(30);
      first.correct({ tokens: 20 });
      expect(tokens(limits)).toBe(80);
    }, virtual));

  test("is not spread over time twice: what it gives back of a paid debt lets the pace go on", () =>
    run(async () => {
      const limits = of({ tokens: exact(1_000, 1_000) });
      const first = await limits.reserve({ tokens: 500 });
      await sleep(100);
      first.correct({ tokens: 200 });
      await limits.reserve({ tokens: 1 });
      expect(now()).toBe(200);
    }, virtual));

  test("changes nothing of the window when what it took has left it", () =>
    run(async () => {
      const limits = of({ tokens: exact(100, 1_000, 100) });
      const first = await limits.reserve({ tokens: 60 });
      await sleep(5_000);
      first.correct({ tokens: 10 });
      expect(tokens(limits)).toBe(100);
      const second = await limits.reserve({ tokens: 60 });
      await sleep(5_000);
      second.correct({ tokens: 90 });
      expect(tokens(limits)).toBe(70);
      second.correct({ tokens: 60 });
      expect(tokens(limits)).toBe(100);
    }, virtual));

  test("that is cancelled gives everything back, once", () =>
    run(async () => {
      const limits = of({ tokens: exact(100, 1_000, 100) });
      const first = await limits.reserve({ tokens: 100 });
      const second = createTask(limits.reserve({ tokens: 100 }));
      await sleep(10);
      first.cancel();
      first.cancel();
      await second;
      expect([now(), tokens(limits), first.state]).toEqual([10, 0, "cancelled"]);
      expect(() => first.correct({ tokens: 1 })).toThrow(
        new RuntimeError("Cannot correct a reservation that was cancelled: reserve anew for what is sent after all"),
      );
    }, virtual));

  test("counts as open until it is settled, corrected, cancelled or disposed of", () =>
    run(async () => {
      const limits = of({});
      const open: number[] = [];
      const all = await gather(...Array.from({ length: 4 }, () => limits.reserve()));
      const note = () => open.push(limits.statistics().open);
      note();
      all[0].settle();
      note();
      all[1].correct({ tokens: 1 });
      note();
      all[2].cancel();
      note();
      all[0].settle();
      {
        using _last = all[3];
      }
      note();
      expect(open).toEqual([4, 3, 2, 1, 0]);
    }, virtual));

  test("refuses an amount that is none", () =>
    run(async () => {
      const reservation = await of({}).reserve();
      expect(() => reservation.correct({ tokens: -1 })).toThrow(
        new RangeError("Cannot correct a reservation: tokens must be a number >= 0, received -1"),
      );
      expect(reservation.state).toBe("open");
    }, virtual));
});

describe("RateLimits.pause", () => {
  test("lets all wait, also those who ask for nothing that is limited", () =>
    run(async () => {
      const limits = new RateLimits({ tokens: "100/1s" });
      limits.pause(500);
      expect(limits.tryReserve()).toBe(null);
      expect(limits.statistics().pausedFor).toBe(500);
      await gather(limits.reserve(), limits.reserve({ tokens: 1 }));
      expect(now()).toBe(500);
    }, virtual));

  test("while others wait moves them all, and a shorter one changes nothing", () =>
    run(async () => {
      const limits = new RateLimits({ requests: exact(1, 100) });
      await limits.reserve();
      const waiting = createTask(limits.reserve());
      await sleep(50);
      limits.pause(1_000);
      limits.pause(200);
      await waiting;
      expect(now()).toBe(1_000);
      expect(limits.statistics().pausedFor).toBe(0);
    }, virtual));

  test("refuses what is no time", () => {
    expect(() => new RateLimits().pause(Number.NaN)).toThrow(
      new TypeError("Cannot pause until NaN: expected loop.time() milliseconds"),
    );
  });
});

describe("new RateLimits", () => {
  test.each([
    ["ten", new TypeError('Cannot limit requests: expected a rate such as "600/1m", received "ten"')],
    [
      "10/s",
      new TypeError('Cannot read duration "s": expected milliseconds or a string such as "250ms", "1.5s", "2m", "1h"'),
    ],
    [
      null,
      new TypeError(
        'Cannot limit requests: expected a rate such as "600/1m" or { rate: 600, per: "1m" }, received null',
      ),
    ],
    [{ rate: 0, per: 1 }, new RangeError("Cannot limit requests: rate must be above 0 and finite, received 0")],
    [
      { rate: 1, per: Infinity },
      new RangeError("Cannot limit requests: per must be above 0 and finite, received Infinity"),
    ],
    [
      { rate: 5, per: 1, burst: 6 },
      new RangeError("Cannot limit requests: burst must be above 0 and at most the rate, 5, received 6"),
    ],
    [
      { rate: 5, per: 1, margin: -1 },
      new RangeError("Cannot limit requests: margin must be at least 0 and finite, received -1"),
    ],
  ])("refuses %o", (rate, error) => {
    expect(() => new RateLimits({ requests: rate as any })).toThrow(error);
  });

  test("tells its limits", () => {
    const limits = new RateLimits({ requests: ["10/1s", "100/1m"], tokens: { rate: 1e5, per: "1m" } });
    expect(limits.statistics()).toEqual({
      waiters: 0,
      open: 0,
      pausedFor: 0,
      limits: [
        { dimension: "requests", source: "given", rate: 10, per: 1_000, remaining: 10 },
        { dimension: "requests", source: "given", rate: 100, per: 60_000, remaining: 100 },
        { dimension: "tokens", source: "given", rate: 100_000, per: 60_000, remaining: 100_000 },
      ],
    });
    expect(String(limits)).toBe("<RateLimits [requests:10/10, requests:100/100, tokens:100000/100000]>");
  });
});
