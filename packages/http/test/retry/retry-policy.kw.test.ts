import { HttpHeaders, RetryBudget, type RetryFailure, type RetryOptions, RetryPolicy, backoff } from "@tsyncio/http";
import { assert, double, integer, property } from "fast-check";
import { type EventLoop, newEventLoop, run, sleep } from "tsyncio";
import { describe, expect, test } from "vitest";
import { VirtualHost } from "../../../../test/virtual-host.ts";

const virtual = { loopFactory: (): EventLoop => newEventLoop({ host: new VirtualHost() }) };

function failure(of: Partial<RetryFailure>): RetryFailure {
  return {
    method: "GET",
    attempt: 1,
    error: new Error("it failed"),
    status: null,
    headers: null,
    sent: true,
    retryable: true,
    idempotent: false,
    ...of,
  };
}

const headers = (retryAfter: string): HttpHeaders => new HttpHeaders({ "Retry-After": retryAfter });

function delay(of: Partial<RetryFailure>, options: RetryOptions = {}): number | null {
  return new RetryPolicy({ delay: { jitter: "none" }, ...options }).delayAfter(failure(of));
}

describe("backoff", () => {
  test("doubles from the first on, up to the longest", () => {
    const options = { initial: 100, max: "1s", jitter: "none" } as const;
    expect([1, 2, 3, 4, 5, 6, 2_000].map((attempt) => backoff(attempt, options))).toEqual([
      100, 200, 400, 800, 1_000, 1_000, 1_000,
    ]);
  });

  test("is any time up to that with full jitter, as the random number says", () =>
    assert(
      property(integer({ min: 1, max: 50 }), double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), (n, x) => {
        expect(backoff(n, { initial: 100, max: 5_000 }, () => x)).toBe(x * Math.min(5_000, 100 * 2 ** (n - 1)));
      }),
    ));

  test.each([
    [{ initial: -1 }, "initial must be at least 0, received -1"],
    [{ max: -1 }, "max must be at least 0, received -1"],
    [{ factor: 0.5 }, "factor must be at least 1 and finite, received 0.5"],
    [{ jitter: "some" }, 'jitter must be "full" or "none", received "some"'],
  ])("refuses %o", (options, message) => {
    expect(() => backoff(1, options as any)).toThrow(new RangeError(`Cannot back off: ${message}`));
    expect(() => new RetryPolicy({ delay: options as any })).toThrow(RangeError);
  });
});

describe("RetryPolicy", () => {
  test("allows three attempts, and each waits twice as long", () => {
    expect([1, 2, 3].map((attempt) => delay({ attempt }))).toEqual([200, 400, null]);
  });

  test.each([408, 425, 429, 500, 502, 503, 504])("repeats a GET that was answered %i", (status) => {
    expect(delay({ status })).toBe(200);
  });

  test.each([400, 401, 404, 409, 418, 501, 505])("does not repeat a GET that was answered %i", (status) => {
    expect(delay({ status })).toBe(null);
  });

  test.each([
    ["GET", true],
    ["get", true],
    ["HEAD", true],
    ["OPTIONS", true],
    ["PUT", true],
    ["DELETE", true],
    ["QUERY", true],
    ["POST", false],
    ["PATCH", false],
  ])("repeats a %s: %s", (method, repeats) => {
    expect(delay({ method }) !== null).toBe(repeats);
    expect(delay({ method, status: 503 }) !== null).toBe(repeats);
  });

  test("repeats a POST that has never reached the server, has an idempotency key, or is said to do no harm", () => {
    expect(delay({ method: "POST", sent: false })).toBe(200);
    expect(delay({ method: "POST", idempotent: true })).toBe(200);
    expect(delay({ method: "POST" }, { unsafe: true })).toBe(200);
    expect(delay({ method: "POST" }, { methods: ["post"] })).toBe(200);
  });

  test("repeats no error that would come again", () => {
    expect(delay({ retryable: false })).toBe(null);
  });

  test("takes the statuses that it is given in place of its own", () => {
    const statuses = [529];
    expect(delay({ status: 529 }, { statuses })).toBe(200);
    expect(delay({ status: 503 }, { statuses })).toBe(null);
  });

  test("asks its caller first", () => {
    const seen: RetryFailure[] = [];
    const retryIf = (failed: RetryFailure) => {
      seen.push(failed);
      return failed.status === 404 ? true : failed.status === 503 ? false : undefined;
    };
    expect(delay({ status: 404, method: "POST" }, { retryIf })).toBe(200);
    expect(delay({ status: 503 }, { retryIf })).toBe(null);
    expect(delay({ status: 500 }, { retryIf })).toBe(200);
    expect(delay({ status: 500, attempt: 3 }, { retryIf })).toBe(null);
    expect(seen.map(({ status }) => status)).toEqual([404, 503, 500]);
  });

  test("tells of what it repeats, and of nothing else", () => {
    const told: unknown[] = [];
    const options: RetryOptions = { onRetry: ({ status, attempt }, ms) => told.push([status, attempt, ms]) };
    delay({ status: 503 }, options);
    delay({ status: 404 }, options);
    delay({ status: 500, attempt: 3 }, options);
    const budget = new RetryBudget({ ratio: 0, minimumPerSecond: 0, capacity: 1 });
    budget.tryRetry();
    delay({ status: 500 }, { ...options, budget });
    expect(told).toEqual([[503, 1, 200]]);
  });

  test("waits as long as the server asks", () => {
    expect(delay({ status: 429, headers: headers("7") })).toBe(7_000);
    expect(delay({ status: 503, headers: headers("0") })).toBe(0);
    expect(delay({ status: 429, headers: headers("7") }, { respectRetryAfter: false })).toBe(200);
  });

  test("gives up when the server asks for more than it would wait", () => {
    expect(delay({ status: 429, headers: headers("121") })).toBe(null);
    expect(delay({ status: 429, headers: headers("121") }, { maxRetryAfter: "3m" })).toBe(121_000);
  });

  test("adds jitter to what the server asks, never takes from it", () => {
    const policy = new RetryPolicy({ random: () => 0.5, delay: { initial: 100 } });
    expect(policy.delayAfter(failure({ status: 429, headers: headers("1") }))).toBe(1_050);
    expect(policy.delayAfter(failure({ status: 429 }))).toBe(50);
  });

  test("takes a retry of its budget only for what it repeats", () => {
    const budget = new RetryBudget({ ratio: 0, minimumPerSecond: 0, capacity: 2 });
    const policy = new RetryPolicy({ budget });
    for (const refused of [
      { status: 404 },
      { attempt: 3 },
      { method: "POST" },
      { status: 429, headers: headers("999") },
    ])
      expect(policy.delayAfter(failure(refused))).toBe(null);
    expect(budget.statistics()).toMatchObject({ available: 2, refused: 0 });
    expect([1, 2, 3].map(() => policy.delayAfter(failure({})) !== null)).toEqual([true, true, false]);
    expect(budget.statistics()).toEqual({ available: 0, capacity: 2, allowed: 2, refused: 1 });
  });

  test.each([0, 1.5, -1, Number.NaN])("refuses %s attempts", (attempts) => {
    expect(() => new RetryPolicy({ attempts })).toThrow(
      new RangeError(`Cannot retry: attempts must be an integer above 0, received ${attempts}`),
    );
  });
});

describe("RetryBudget", () => {
  test("lets a tenth of what succeeds be repeated", () => {
    const budget = new RetryBudget({ minimumPerSecond: 0, capacity: 10 });
    let retries = 0;
    for (let i = 0; i < 10; i++) budget.tryRetry();
    for (let i = 0; i < 1_000; i++) {
      budget.succeeded();
      while (budget.tryRetry()) retries++;
    }
    expect(retries).toBe(100);
  });

  test("gives a minimum each second, and saves no more than it holds", () =>
    run(async () => {
      const budget = new RetryBudget({ ratio: 0, minimumPerSecond: 2, capacity: 5 });
      const allowed = () => {
        let n = 0;
        while (budget.tryRetry()) n++;
        return n;
      };
      expect(allowed()).toBe(5);
      await sleep("1s");
      expect(allowed()).toBe(2);
      await sleep("1h");
      expect(allowed()).toBe(5);
    }, virtual));

  test("works where no loop runs, without the minimum", () => {
    const budget = new RetryBudget({ capacity: 1 });
    expect([budget.tryRetry(), budget.tryRetry()]).toEqual([true, false]);
  });

  test.each([
    [{ ratio: -1 }, "ratio must be at least 0, received -1"],
    [{ minimumPerSecond: Number.NaN }, "minimumPerSecond must be at least 0, received NaN"],
    [{ capacity: Infinity }, "capacity must be at least 0, received Infinity"],
  ])("refuses %o", (options, message) => {
    expect(() => new RetryBudget(options)).toThrow(new RangeError(`Cannot create RetryBudget: ${message}`));
  });
});
