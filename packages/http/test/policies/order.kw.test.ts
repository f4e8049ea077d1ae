import {
  BodyTooLargeError,
  CircuitOpenError,
  HttpClient,
  type HttpClientOptions,
  HttpConnectError,
  HttpConnectionError,
  HttpHeaders,
  HttpStatusError,
  type HttpTransport,
  RateLimits,
} from "@tsyncio/http";
import { CancelledError, coroutine, createTask, gather, getRunningLoop, sleep } from "tsyncio";
import { describe, expect, test } from "vitest";
import { errorOf, program } from "../../../../conformance/program.ts";
import { type Scripted, ScriptedTransport } from "../scripted-transport.ts";

const A = "http://a.example/";
const B = "http://b.example/";
const now = () => getRunningLoop().time();

/** A client whose answers are written, in virtual time. */
function scripted(answer: (url: string, number: number) => Scripted, options: HttpClientOptions = {}) {
  const transport = new ScriptedTransport((request, number) => answer(request.url.href, number));
  return { transport, client: new HttpClient({ transport, retry: false, ...options }) };
}

/** What it fails with. */
async function failing(client: HttpClient): Promise<unknown> {
  try {
    await client.get(A);
  } catch (error) {
    return error;
  }
  throw new Error("it did not fail");
}

/** An answer whose body takes some time, read through `stream`. */
const lasting = (ms: number): Scripted => ({ parts: ["begin", () => sleep(ms), "end"] });

describe("a request on its way", () => {
  test("that waits for the limits of its origin holds nothing that another origin needs", () =>
    program(async () => {
      const { client } = scripted(() => ({}), { concurrency: 1, limits: { requests: "1/1h" } });
      await client.get(A);
      const waiting = [createTask(client.get(A)), createTask(client.get(A))];
      await sleep(1);
      await client.get(B);
      expect(now()).toBe(1);
      for (const task of waiting) task.cancel();
      for (const task of waiting) await expect(task).rejects.toBeInstanceOf(CancelledError);
    }));

  test("that waits for the concurrency of its origin takes no part of the limits", () =>
    program(async () => {
      const limits = new RateLimits({ requests: { rate: 10, per: "1h", burst: 10 } });
      const { client } = scripted(() => lasting(100), { concurrencyPerOrigin: 1, limits });
      const read = async () => {
        await using response = await client.stream("GET", A);
        return await response.text();
      };
      const tasks = [createTask(read()), createTask(read()), createTask(read())];
      await sleep(150);
      expect(limits.statistics()).toMatchObject({ limits: [{ remaining: 8 }] });
      for (const task of tasks) expect(await task).toBe("beginend");
      expect([now(), limits.statistics().limits[0].remaining]).toEqual([300, 7]);
    }));

  test("gives its part of the limits back when it never was sent", () =>
    program(async () => {
      const limits = new RateLimits({ requests: { rate: 10, per: "1h", burst: 10 } });
      const { client } = scripted(
        (_url, number) => {
          if (number === 1) throw new HttpConnectError("refused", { method: "GET", url: A });
          if (number === 2) throw new HttpConnectionError("reset", { method: "GET", url: A });
          return lasting(100);
        },
        { concurrency: 1, limits },
      );
      const left = () => limits.statistics().limits[0].remaining;
      await errorOf(client.get(A));
      expect(left()).toBe(10);
      await errorOf(client.get(A));
      expect(left()).toBe(9);
      await using _first = await client.stream("GET", A);
      const inLine = createTask(client.get(A));
      await sleep(1);
      inLine.cancel();
      await expect(inLine).rejects.toBeInstanceOf(CancelledError);
      expect(limits.statistics()).toMatchObject({ limits: [{ remaining: 8 }] });
    }));

  test("takes what it says that it costs, and the redirect as well", () =>
    program(async () => {
      const limits = new RateLimits({ requests: "100/1h", tokens: "1000/1h" });
      const { client } = scripted((url) => (url === A ? { status: 302, headers: { location: `${A}there` } } : {}), {
        limits: limits,
        cost: { tokens: 10 },
      });
      // One at once, by the pace.
      const task = createTask(client.get(A, { cost: { tokens: 300 } }));
      await sleep("2h");
      await task;
      expect(limits.statistics().limits.map(({ remaining }) => remaining)).toEqual([100, 1_000]);
      await expect(errorOf(client.get(A, { cost: { tokens: 2_000 } }))).resolves.toBeInstanceOf(RangeError);
    }));
});

describe("a circuit breaker in a client", () => {
  const breaker = { minimumRequests: 3, openFor: "1s" } as const;

  test("opens by 5xx and broken connections, and not by 4xx or what the client does not take", () =>
    program(async () => {
      const { client, transport } = scripted(
        (url) => {
          if (url.endsWith("reset")) throw new HttpConnectionError("reset", { method: "GET", url });
          return { status: Number(url.split("/").at(-1)), parts: ["x".repeat(100)] };
        },
        { breaker, maxBodySize: 50 },
      );
      for (let i = 0; i < 5; i++) {
        expect(await errorOf(client.get(`${A}404`))).toBeInstanceOf(BodyTooLargeError);
        expect(await errorOf(client.get(`${A}404`, { maxBodySize: null }))).toBeInstanceOf(HttpStatusError);
      }
      for (const path of ["500", "reset"])
        for (let i = 0; i < 10; i++) await errorOf(client.get(A + path, { maxBodySize: null }));
      const sent = transport.requests.length;
      const error = await errorOf(client.get(`${A}404`));
      expect(error).toBeInstanceOf(CircuitOpenError);
      expect(transport.requests.length).toBe(sent);
      // Ten 404 stand against ten failures then.
      expect(sent).toBe(20);
      // Another origin is another breaker.
      expect(await errorOf(client.get(`${B}404`))).not.toBeInstanceOf(CircuitOpenError);
    }));

  test("is asked before the line, and again at its end: those in line are told at once, and take nothing", () =>
    program(async () => {
      const limits = new RateLimits({ requests: { rate: 36, per: "1h", burst: 1, margin: 0 } });
      const { client, transport } = scripted(() => ({ status: 503 }), {
        breaker: { ...breaker, window: "1h", openFor: "1h" },
        limits,
      });
      const tasks = Array.from({ length: 30 }, () => createTask(failing(client)));
      const errors = await gather(...tasks);
      expect(errors.filter((error) => error instanceof CircuitOpenError).length).toBe(27);
      expect(transport.requests.length).toBe(3);
      // The third was sent at 200 s; the fourth came to its turn at 300 s, took nothing, and so did all others.
      expect(now()).toBe(300_000);
      expect(limits.statistics()).toMatchObject({ open: 0, waiters: 0, limits: [{ remaining: 33 }] });
    }));

  test("lets one request through to see, closes, and is not asked by retries of what it has refused", () =>
    program(async () => {
      let down = true;
      const { client, transport } = scripted(() => ({ status: down ? 500 : 200 }), { breaker, retry: {} });
      // Three attempts, after which it is open.
      await errorOf(client.get(A));
      expect(await errorOf(client.get(A))).toBeInstanceOf(CircuitOpenError);
      down = false;
      expect(transport.requests.length).toBe(3);
      await sleep("1s");
      await gather(client.get(A), client.get(A));
      expect(transport.requests.length).toBe(5);
    }));
});

test("a probe of the breaker that is cancelled on the wire makes room for another", () =>
  program(async () => {
    let down = true;
    const transport: HttpTransport = {
      exchange: coroutine(function* exchange() {
        yield* sleep(10);
        return { status: down ? 500 : 200, statusText: "", headers: new HttpHeaders(), body: new Uint8Array() };
      }),
      close: coroutine(function* close() {}),
    };
    const client = new HttpClient({ transport, retry: false, breaker: { minimumRequests: 1, openFor: 1_000 } });
    await failing(client);
    down = false;
    await sleep(1_000);
    const probe = createTask(client.get(A));
    await sleep(5);
    expect(await failing(client)).toBeInstanceOf(CircuitOpenError);
    probe.cancel();
    await expect(probe).rejects.toBeInstanceOf(CancelledError);
    expect((await client.get(A)).status).toBe(200);
  }));

test("adaptive concurrency sees the wire and not the line, and shrinks by what the server refuses", () =>
  program(async () => {
    let refuses = false;
    let [atOnce, most] = [0, 0];
    const { client } = scripted(
      () => {
        most = Math.max(most, ++atOnce);
        const leave = async () => {
          await sleep(5);
          atOnce--;
        };
        return { status: refuses ? 503 : 200, parts: [leave] };
      },
      {
        limits: { requests: { rate: 1_000, per: "1s", burst: 1, margin: 0 } },
        concurrencyPerOrigin: { initial: 10, min: 2 },
      },
    );
    const read = async () => {
      await using response = await client.stream("GET", A, { acceptStatus: "any" });
      await response.bytes();
    };
    // One in each millisecond: there are five on the wire, and no more are needed.
    await gather(...Array.from({ length: 400 }, read));
    expect(most).toBe(5);
    refuses = true;
    await gather(...Array.from({ length: 100 }, read));
    refuses = false;
    most = 0;
    await gather(...Array.from({ length: 20 }, read));
    expect(most).toBe(2);
  }));
