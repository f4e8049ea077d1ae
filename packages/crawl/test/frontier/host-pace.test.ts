import { describe, expect, test } from "vitest";
import { HostPace } from "../../src/frontier/host-pace.ts";

const good = { elapsed: 10, strained: false, unanswered: false, retryAfter: null };
const strained = { ...good, strained: true };
const lost = { ...good, unanswered: true };

/** The same numbers in each run, in [0, 1). */
function* numbers(): Generator<number, never> {
  for (let state = 1; ; state = (state * 48_271) % 2_147_483_647) yield state / 2_147_483_647;
}

describe("the pace of a host", () => {
  test("keeps the delay between the starts of two requests", () => {
    const pace = new HostPace({ delay: "2s" });
    pace.started(1000);
    expect(pace.readyAt).toBe(3000);
    pace.ended(1500, good);
    expect(pace.readyAt).toBe(3000);
  });
  test("makes up for late timers when the delay is short, as far as 50 ms", () => {
    const pace = new HostPace({ delay: 10 });
    const startsAt = (now: number): number => {
      let count = 0;
      for (; pace.readyAt <= now; count++) pace.started(now);
      return count;
    };
    expect([1000, 1010, 1047, 1050, 2000].map(startsAt)).toEqual([6, 1, 3, 1, 6]);
  });
  test("does not start two requests closer than a longer delay, however late the first was", () => {
    const pace = new HostPace({ delay: 200 });
    pace.started(1000);
    pace.started(1260);
    expect(pace.readyAt).toBe(1460);
  });
  test("counts a Crawl-delay from the answer, one request at a time", () => {
    const pace = new HostPace({ delay: 100 });
    pace.setCrawlDelay(5000);
    expect(pace.limit).toBe(1);
    pace.started(0);
    pace.ended(800, good);
    expect(pace.readyAt).toBe(5800);
  });
  test("begins with two requests at once, and goes up to its limit", () => {
    const pace = new HostPace({ concurrencyPerHost: 4 });
    expect(pace.limit).toBe(2);
    for (let i = 0; i < 20; i++) pace.ended(i, good);
    expect(pace.limit).toBe(4);
  });
  test("goes down while answers become slower", () => {
    const pace = new HostPace({ concurrencyPerHost: 8 });
    for (let i = 0; i < 50; i++) pace.ended(i, good);
    for (let i = 0; i < 50; i++) pace.ended(i, { ...good, elapsed: 2000 });
    expect(pace.limit).toBe(1);
  });
  test("stays up where answers take very different times, and a few requests in a hundred are lost", () => {
    const pace = new HostPace({ concurrencyPerHost: 8 });
    const random = numbers();
    let limits = 0;
    let pauses = 0;
    for (let i = 0; i < 2_000; i++) {
      const elapsed = Math.min(1_000, 50 - 200 * Math.log(1 - random.next().value));
      pace.ended(i, random.next().value < 0.04 ? lost : { ...good, elapsed });
      limits += pace.limit;
      if (pace.delay > 0) pauses++;
    }
    expect(limits / 2_000).toBeGreaterThan(6);
    expect(pauses / 2_000).toBeLessThan(0.05);
  });
  test("pauses when requests are lost one after another", () => {
    const pace = new HostPace({});
    const delays = [lost, lost, lost, good, lost].map((sample) => {
      pace.ended(0, sample);
      return pace.delay;
    });
    expect(delays).toEqual([0, 500, 1000, 500, 1000]);
    expect(pace.limit).toBe(2);
  });
  test("pauses for long only when nearly all are lost: the host is down", () => {
    const pace = new HostPace({ maxDelay: "1m" });
    const delays = Array.from({ length: 20 }, () => {
      pace.ended(0, lost);
      return pace.delay;
    });
    expect(delays.slice(0, 10)).toEqual([0, 500, 1000, 2000, 2000, 2000, 2000, 2000, 2000, 2000]);
    expect(delays.at(-1)).toBe(60_000);
    expect(delays).toEqual(delays.toSorted((a, b) => a - b));
  });
  test("pauses after a failure, twice as long each time, and recovers", () => {
    const pace = new HostPace({ maxDelay: "3s" });
    const pauses: number[] = [];
    for (let i = 0; i < 5; i++) {
      pace.ended(0, strained);
      pauses.push(pace.delay);
    }
    expect(pauses).toEqual([500, 1000, 2000, 3000, 3000]);
    for (let i = 0; i < 10; i++) pace.ended(0, good);
    expect(pace.delay).toBe(0);
  });
  test("obeys Retry-After, up to the longest pause", () => {
    const pace = new HostPace({ maxDelay: "1m" });
    pace.ended(1000, { ...strained, retryAfter: 10_000 });
    expect(pace.readyAt).toBe(11_000);
    pace.ended(1000, { ...strained, retryAfter: 1e9 });
    expect(pace.readyAt).toBe(61_000);
  });
  test("is fixed when it is not adaptive", () => {
    const pace = new HostPace({ adaptive: false, concurrencyPerHost: 3 });
    pace.ended(0, strained);
    expect([pace.limit, pace.delay]).toEqual([3, 0]);
  });
  test("is checked", () =>
    expect(() => new HostPace({ concurrencyPerHost: 0 })).toThrow(
      "Cannot crawl: pace.concurrencyPerHost must be an integer >= 1, received 0",
    ));
});
