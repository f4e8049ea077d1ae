import { CircuitBreaker, type CircuitBreakerOptions, CircuitOpenError } from "@tsyncio/http";
import { type EventLoop, newEventLoop, run, sleep } from "tsyncio";
import { describe, expect, test } from "vitest";
import { VirtualHost } from "../../../../test/virtual-host.ts";

const virtual = { loopFactory: (): EventLoop => newEventLoop({ host: new VirtualHost() }) };
const request = { method: "GET", url: "https://user:secret@api.example/v1" };

/** One that has just opened, at 0 ms. */
function opened(options: CircuitBreakerOptions = {}): CircuitBreaker {
  const breaker = new CircuitBreaker({ minimumRequests: 1, openFor: "1s", maxOpenFor: "3s", ...options });
  breaker.enter(request).failed();
  return breaker;
}

function refusal(breaker: CircuitBreaker): CircuitOpenError {
  try {
    breaker.enter(request);
  } catch (error) {
    if (error instanceof CircuitOpenError) return error;
    throw error;
  }
  throw new Error("it let the request through");
}

describe("a closed breaker", () => {
  test("opens when half of the requests in its window have failed", () =>
    run(async () => {
      const breaker = new CircuitBreaker();
      for (let i = 0; i < 6; i++) breaker.enter(request).succeeded();
      for (let i = 0; i < 5; i++) breaker.enter(request).failed();
      expect(breaker.statistics()).toEqual({ state: "closed", requests: 11, failures: 5, retryAfter: 0, opened: 0 });
      breaker.enter(request).failed();
      expect(breaker.statistics()).toEqual({ state: "open", requests: 0, failures: 0, retryAfter: 5_000, opened: 1 });
    }, virtual));

  test("does not open while there are few requests", () =>
    run(async () => {
      const breaker = new CircuitBreaker();
      for (let i = 0; i < 9; i++) breaker.enter(request).failed();
      expect(breaker.state).toBe("closed");
      breaker.enter(request).failed();
      expect(breaker.state).toBe("open");
    }, virtual));

  test("forgets what is longer ago than its window", () =>
    run(async () => {
      const breaker = new CircuitBreaker({ window: "1s", minimumRequests: 3 });
      for (let i = 0; i < 8; i++) {
        breaker.enter(request).failed();
        await sleep(600);
      }
      expect(breaker.state).toBe("closed");
      breaker.enter(request).failed();
      breaker.enter(request).failed();
      expect(breaker.state).toBe("open");
    }, virtual));

  test("learns nothing from what was cancelled, and from the second thing that is said of a request", () =>
    run(async () => {
      const breaker = new CircuitBreaker({ minimumRequests: 1 });
      const passage = breaker.enter(request);
      passage.cancelled();
      passage.failed();
      expect(breaker.statistics()).toMatchObject({ state: "closed", requests: 0 });
    }, virtual));
});

describe("an open breaker", () => {
  test("refuses what comes, says for how long, and keeps credentials to itself", () =>
    run(async () => {
      const breaker = opened();
      await sleep(200);
      const error = refusal(breaker);
      expect(error.message).toBe(
        "Cannot GET https://api.example/v1: the circuit breaker is open, because too many requests have failed; it tries again in 800 ms",
      );
      expect([error.code, error.retryAfter, error.retryable]).toEqual(["TSYNCIO_HTTP_CIRCUIT_OPEN", 800, false]);
    }, virtual));

  test("lets one request through when its time is over, and closes when that succeeds", () =>
    run(async () => {
      const breaker = opened();
      await sleep(1_000);
      expect(breaker.state).toBe("half-open");
      const probe = breaker.enter(request);
      expect(refusal(breaker).message).toBe(
        "Cannot GET https://api.example/v1: the circuit breaker waits for the request that it has let through to see",
      );
      probe.succeeded();
      expect(breaker.state).toBe("closed");
      breaker.enter(request);
      breaker.enter(request);
    }, virtual));

  test("stays open for twice as long each time that the request fails, up to the longest", () =>
    run(async () => {
      const breaker = opened();
      const times: number[] = [];
      for (let i = 0; i < 4; i++) {
        times.push(breaker.statistics().retryAfter);
        await sleep(breaker.statistics().retryAfter);
        breaker.enter(request).failed();
      }
      expect(times).toEqual([1_000, 2_000, 3_000, 3_000]);
      await sleep(3_000);
      breaker.enter(request).succeeded();
      breaker.enter(request).failed();
      expect(breaker.statistics().retryAfter).toBe(1_000);
    }, virtual));

  test("lets another through when the first was cancelled", () =>
    run(async () => {
      const breaker = opened();
      await sleep(1_000);
      breaker.enter(request).cancelled();
      expect(breaker.state).toBe("half-open");
      breaker.enter(request).succeeded();
      expect(breaker.state).toBe("closed");
    }, virtual));

  test("wants as many to succeed as it was told, and lets no more through at once", () =>
    run(async () => {
      const breaker = opened({ probes: 2 });
      await sleep(1_000);
      const probes = [breaker.enter(request), breaker.enter(request)];
      refusal(breaker);
      probes[0].succeeded();
      refusal(breaker);
      expect(breaker.state).toBe("half-open");
      probes[1].succeeded();
      expect(breaker.state).toBe("closed");
    }, virtual));

  test("is not moved by requests from before it opened", () =>
    run(async () => {
      const breaker = new CircuitBreaker({ minimumRequests: 1, openFor: "1s" });
      const early = [breaker.enter(request), breaker.enter(request), breaker.enter(request)];
      early[0].failed();
      early[1].succeeded();
      expect(breaker.state).toBe("open");
      await sleep(1_000);
      const probe = breaker.enter(request);
      early[2].failed();
      expect(breaker.state).toBe("half-open");
      probe.succeeded();
      expect(breaker.state).toBe("closed");
    }, virtual));
});

test.each([
  [{ threshold: 0 }, "threshold must be above 0 and at most 1, received 0"],
  [{ threshold: 1.1 }, "threshold must be above 0 and at most 1, received 1.1"],
  [{ minimumRequests: 0 }, "minimumRequests must be an integer above 0, received 0"],
  [{ probes: 1.5 }, "probes must be an integer above 0, received 1.5"],
  [{ openFor: 0 }, "openFor must be above 0 and finite, received 0"],
  [{ maxOpenFor: Infinity }, "maxOpenFor must be above 0 and finite, received Infinity"],
  [{ window: -1 }, "window must be above 0 and finite, received -1"],
])("refuses %o", (options, message) => {
  expect(() => new CircuitBreaker(options)).toThrow(new RangeError(`Cannot create CircuitBreaker: ${message}`));
});

test("shows its state as text", () => {
  expect(String(new CircuitBreaker())).toBe("<CircuitBreaker [closed, failed:0/0]>");
});
