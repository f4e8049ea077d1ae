import {
  CancelledError,
  type EventLoop,
  RateLimiter,
  createTask,
  getRunningLoop,
  newEventLoop,
  run,
  sleep,
} from "tsyncio";
import { describe, expect, test } from "vitest";
import { VirtualHost } from "../../../../test/virtual-host.ts";

const virtual = { loopFactory: (): EventLoop => newEventLoop({ host: new VirtualHost() }) };

async function take(limiter: RateLimiter, amount: number, log: string[], name = String(amount)) {
  await limiter.acquire(amount);
  log.push(`${name} at ${getRunningLoop().time()}`);
}

describe("RateLimiter", () => {
  test("gives what the bucket holds at once, and then tokens as they come", () =>
    run(async () => {
      const limiter = new RateLimiter({ rate: 2, per: "1s" });
      const times: number[] = [];
      for (let i = 0; i < 5; i++) {
        await limiter.acquire();
        times.push(getRunningLoop().time());
      }
      expect(times).toEqual([0, 0, 500, 1000, 1500]);
    }, virtual));

  test("does not suspend while there are tokens", () =>
    run(async () => {
      const limiter = new RateLimiter({ rate: 1, per: 10 });
      const log: string[] = [];
      const other = createTask(take(limiter, 1, log));
      await limiter.acquire();
      expect(log).toEqual([]);
      await other;
    }, virtual));

  test("holds no more than the burst however long it rests", () =>
    run(async () => {
      const limiter = new RateLimiter({ rate: 10, per: "1s", burst: 3 });
      await sleep("1h");
      expect(limiter.statistics().available).toBe(3);
      for (let i = 0; i < 3; i++) expect(limiter.tryAcquire()).toBe(true);
      expect(limiter.tryAcquire()).toBe(false);
    }, virtual));

  test("serves tasks in the order in which they came: a small demand does not overtake a large one", () =>
    run(async () => {
      const limiter = new RateLimiter({ rate: 10, per: 1000, burst: 10 });
      const log: string[] = [];
      await limiter.acquire(10);
      const tasks = [8, 1, 3].map((amount) => createTask(take(limiter, amount, log)));
      await sleep(0);
      expect(limiter.tryAcquire(0)).toBe(false);
      for (const task of tasks) await task;
      expect(log).toEqual(["8 at 800", "1 at 900", "3 at 1200"]);
    }, virtual));

  test("keeps to the rate over a long time", () =>
    run(async () => {
      const limiter = new RateLimiter({ rate: 7, per: "1s", burst: 1 });
      for (let i = 0; i <= 7000; i++) await limiter.acquire();
      expect(getRunningLoop().time()).toBeCloseTo(1_000_000, 3);
    }, virtual));

  test("serves the next at once when a large demand in front of it is cancelled", () =>
    run(async () => {
      const limiter = new RateLimiter({ rate: 10, per: 1000 });
      const log: string[] = [];
      await limiter.acquire(5);
      const large = createTask(take(limiter, 10, log));
      const small = createTask(take(limiter, 5, log));
      await sleep(0);
      large.cancel();
      await expect(large).rejects.toBeInstanceOf(CancelledError);
      await small;
      expect(log).toEqual(["5 at 0"]);
      expect(limiter.statistics()).toMatchObject({ available: 0, waiters: 0 });
    }, virtual));

  test("gives the tokens back when a task is cancelled in the iteration in which it got them", () =>
    run(async () => {
      const limiter = new RateLimiter({ rate: 1, per: 100 });
      const log: string[] = [];
      await limiter.acquire();
      const first = createTask(take(limiter, 1, log, "first"));
      const second = createTask(take(limiter, 1, log, "second"));
      await sleep(0);
      // Due at the same time as the tokens, and before their taker has its step.
      getRunningLoop().callAt(100, () => first.cancel());
      await second;
      expect(first.cancelled()).toBe(true);
      expect(log).toEqual(["second at 100"]);
    }, virtual));

  test("may be asked for more tokens than one, but not for more than it ever holds", () => {
    const limiter = new RateLimiter({ rate: 100, per: "1s", burst: 5 });
    expect(() => limiter.acquire(6)).toThrow(
      new RangeError(
        "Cannot acquire 6 tokens: the bucket never holds more than 5; ask for less, or create the RateLimiter with a larger burst",
      ),
    );
    expect(() => limiter.acquire(-1)).toThrow("Cannot acquire -1 tokens: expected a number >= 0");
    expect(() => limiter.tryAcquire(NaN)).toThrow(RangeError);
  });

  test.each([
    [{ rate: 0, per: 1 }, "rate must be above 0 and finite, received 0"],
    [{ rate: Infinity, per: 1 }, "rate must be above 0 and finite, received Infinity"],
    [{ rate: 1, per: 0 }, "per must be above 0 and finite, received 0"],
    [{ rate: 1, per: 1, burst: -1 }, "burst must be above 0 and finite, received -1"],
  ])("refuses %o", (options, message) => {
    expect(() => new RateLimiter(options)).toThrow(new RangeError(`Cannot create RateLimiter: ${message}`));
  });

  test("tells its tokens and waiters", () =>
    run(async () => {
      const limiter = new RateLimiter({ rate: 4, per: "1s" });
      expect(limiter.statistics()).toEqual({ rate: 4, per: 1000, burst: 4, available: 4, waiters: 0 });
      await limiter.acquire(4);
      const task = createTask(limiter.acquire());
      await sleep(125);
      expect(limiter.statistics()).toEqual({ rate: 4, per: 1000, burst: 4, available: 0.5, waiters: 1 });
      expect(String(limiter)).toBe("<RateLimiter [available:0/4, waiters:1]>");
      await task;
    }, virtual));

  test("leaves no timer behind when its only waiter is cancelled", () =>
    run(async () => {
      const limiter = new RateLimiter({ rate: 1, per: "1h" });
      await limiter.acquire();
      const task = createTask(limiter.acquire());
      await sleep(0);
      task.cancel();
      await expect(task).rejects.toBeInstanceOf(CancelledError);
      await sleep(1);
      expect(getRunningLoop().time()).toBe(1);
      expect(limiter.statistics().waiters).toBe(0);
    }, virtual));

  test("works outside of a loop for who does not wait", () => {
    const limiter = new RateLimiter({ rate: 1, per: "1h" });
    expect([limiter.tryAcquire(), limiter.tryAcquire()]).toEqual([true, false]);
  });
});

describe("RateLimiter.acquireAll", () => {
  const limiters = () => ({
    requests: new RateLimiter({ rate: 1, per: 100 }),
    tokens: new RateLimiter({ rate: 1000, per: 1000 }),
  });

  test("takes from all limiters at the time when all can give", () =>
    run(async () => {
      const { requests, tokens } = limiters();
      const times: number[] = [];
      for (const amount of [600, 600, 10]) {
        await RateLimiter.acquireAll([
          [requests, 1],
          [tokens, amount],
        ]);
        times.push(getRunningLoop().time());
      }
      expect(times).toEqual([0, 200, 300]);
    }, virtual));

  test("takes nothing from one limiter while another lets it wait", () =>
    run(async () => {
      const { requests, tokens } = limiters();
      await tokens.acquire(1000);
      const task = createTask(
        RateLimiter.acquireAll([
          [requests, 1],
          [tokens, 500],
        ]),
      );
      await sleep(0);
      expect(requests.statistics()).toMatchObject({ available: 1, waiters: 1 });
      await task;
      expect(getRunningLoop().time()).toBe(500);
      expect(requests.statistics()).toMatchObject({ available: 0, waiters: 0 });
    }, virtual));

  test("is not overtaken in either line, and does not wait in a circle with others", () =>
    run(async () => {
      const { requests, tokens } = limiters();
      const log: string[] = [];
      await RateLimiter.acquireAll([
        [requests, 1],
        [tokens, 1000],
      ]);
      const both = async (name: string, order: Parameters<typeof RateLimiter.acquireAll>[0]) => {
        await RateLimiter.acquireAll(order);
        log.push(`${name} at ${getRunningLoop().time()}`);
      };
      const tasks = [
        createTask(
          both("a", [
            [requests, 1],
            [tokens, 300],
          ]),
        ),
        createTask(
          both("b", [
            [tokens, 100],
            [requests, 1],
          ]),
        ),
        createTask(take(requests, 1, log, "c")),
        createTask(take(tokens, 50, log, "d")),
      ];
      for (const task of tasks) await task;
      expect(log).toEqual(["a at 300", "b at 400", "d at 450", "c at 500"]);
    }, virtual));

  test("gives everything back when it is cancelled while it waits", () =>
    run(async () => {
      const { requests, tokens } = limiters();
      const log: string[] = [];
      await tokens.acquire(1000);
      const both = createTask(
        RateLimiter.acquireAll([
          [requests, 1],
          [tokens, 1000],
        ]),
      );
      const next = [createTask(take(requests, 1, log, "request")), createTask(take(tokens, 10, log, "tokens"))];
      await sleep(0);
      both.cancel();
      for (const task of next) await task;
      expect(log).toEqual(["request at 0", "tokens at 10"]);
    }, virtual));

  test("adds up what it asks of one limiter", () => {
    const { requests } = limiters();
    expect(() =>
      RateLimiter.acquireAll([
        [requests, 1],
        [requests, 1],
      ]),
    ).toThrow("Cannot acquire 2 tokens");
  });

  test("gives at once what asks for nothing", () =>
    run(async () => {
      expect(await RateLimiter.acquireAll([])).toBeUndefined();
    }, virtual));
});
