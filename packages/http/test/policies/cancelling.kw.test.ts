import {
  CircuitOpenError,
  HttpClient,
  HttpConnectionError,
  HttpHeaders,
  type HttpTransport,
  RateLimits,
} from "@tsyncio/http";
import { CancelledError, coroutine, createTask, getRunningLoop, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { program } from "../../../../conformance/program.ts";

const ORIGIN = "http://a.example";

/** Takes two milliseconds for the headers and two for the body; three of five requests break. Counts what is on it. */
class SlowTransport implements HttpTransport {
  onTheWire = 0;
  bodies = 0;
  #requests = 0;

  readonly exchange: HttpTransport["exchange"] = coroutine(function* exchange(this: SlowTransport, request) {
    this.onTheWire++;
    try {
      yield* sleep(2);
      if (++this.#requests % 5 > 1) throw new HttpConnectionError("reset", { method: "GET", url: ORIGIN });
    } finally {
      this.onTheWire--;
    }
    const head = { status: 200, statusText: "", headers: new HttpHeaders() };
    return request.whole ? { ...head, body: new Uint8Array(3) } : { ...head, body: this.#body() };
  }).bind(this);

  readonly close: HttpTransport["close"] = coroutine(function* close() {});

  origins(): string[] {
    return [ORIGIN];
  }

  statistics(): { sockets: number; inFlight: number; waiting: number } {
    return { sockets: 0, inFlight: this.onTheWire, waiting: 0 };
  }

  #body() {
    let left = 1;
    let open = true;
    this.bodies++;
    const end = () => {
      if (open) this.bodies--;
      open = false;
    };
    const next = coroutine(function* next() {
      if (left-- > 0) {
        yield* sleep(2);
        return { done: false as const, value: new Uint8Array(3) };
      }
      end();
      return { done: true as const, value: undefined };
    });
    return { cancel: end, [Symbol.asyncIterator]: () => ({ next }) };
  }
}

/** When the cancellation comes: so many milliseconds after the start, and so many iterations later. */
const moments: { milliseconds: number; iterations: number; kind: "whole" | "streamed" }[] = [];
for (let milliseconds = 0; milliseconds <= 14; milliseconds++)
  for (let iterations = 0; iterations <= 4; iterations++)
    for (const kind of ["whole", "streamed"] as const) moments.push({ milliseconds, iterations, kind });

test("at no moment does the cancellation of a request keep anything of what it held of its origin", async () => {
  let [cancellations, refused] = [0, 0];
  for (const { milliseconds, iterations, kind } of moments) {
    await program(async () => {
      const transport = new SlowTransport();
      const limits = new RateLimits({ requests: { rate: 100, per: 100, burst: 1, margin: 0 } });
      const client = new HttpClient({
        transport,
        limits,
        concurrency: 3,
        concurrencyPerOrigin: { initial: 4 },
        breaker: { minimumRequests: 3, openFor: 3, maxOpenFor: 5 },
        retry: { attempts: 2, delay: { initial: 1 } },
      });
      async function work(): Promise<void> {
        if (kind === "whole") return void (await client.get(ORIGIN));
        await using response = await client.stream("GET", ORIGIN);
        await response.bytes();
      }
      async function cancel(): Promise<void> {
        await sleep(milliseconds);
        for (let i = 0; i < iterations; i++) await sleep(0);
        for (const index of [1, 4, 6]) tasks[index].cancel();
      }
      const tasks = Array.from({ length: 8 }, () => createTask(work()));
      const canceller = createTask(cancel());
      for (const task of tasks) {
        try {
          await task;
        } catch (error) {
          if (error instanceof CancelledError) cancellations++;
          else if (error instanceof CircuitOpenError) refused++;
          else if (!(error instanceof HttpConnectionError)) throw error;
        }
      }
      await canceller;
      expect({ moment: [milliseconds, iterations, kind], wire: transport.onTheWire, bodies: transport.bodies }).toEqual(
        {
          moment: [milliseconds, iterations, kind],
          wire: 0,
          bodies: 0,
        },
      );
      const statistics = client.statistics()[ORIGIN];
      expect(statistics).toMatchObject({ limits: { waiters: 0, open: 0 }, concurrency: { inFlight: 0, waiters: 0 } });
      // Nothing stands in the way of those who come later: all permits are there, and the breaker has lost no probe.
      await sleep(1_000);
      const begun = getRunningLoop().time();
      for (let well = 0; well < 3;) {
        try {
          await work();
          well++;
        } catch (error) {
          if (error instanceof CircuitOpenError) await sleep(error.retryAfter);
          else if (!(error instanceof HttpConnectionError)) throw error;
        }
      }
      expect(getRunningLoop().time() - begun).toBeLessThan(100);
    });
  }
  expect(cancellations).toBeGreaterThan(100);
  expect(refused).toBeGreaterThan(100);
});
