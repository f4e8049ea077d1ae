import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type BatchEvent,
  BatchError,
  type BatchOptions,
  type BatchRequest,
  InputFault,
  type ItemInfo,
  OutputLockedError,
  batch,
  databaseOutput,
  jsonlInput,
  jsonlOutput,
} from "@tsyncio/batch";
import { HttpClient, HttpHeaders, type HttpTransport, RateLimits, type WireRequest } from "@tsyncio/http";
import { CancelledError, coroutine, createTask, getRunningLoop, newEventLoop, run, sleep } from "tsyncio";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ApiServer, type ApiServerOptions } from "../../../test/api-servers/index.ts";
import { VirtualHost } from "../../../test/virtual-host.ts";

let folder: string;
let output: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tsyncio-batch-"));
  output = join(folder, "results.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true }));

const results = (path = output) =>
  readFileSync(path, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
const ids = () => results().map(({ id }) => id);
const prompts = (count: number, from = 0) => Array.from({ length: count }, (_, i) => ({ key: `item ${from + i}` }));

/** Options of a batch that asks the server for chats. */
function asking({ url }: { readonly url: string }, more: Partial<BatchOptions> = {}): BatchOptions {
  const json = { model: "m", messages: [{ role: "user", content: "{{key}}" }] };
  return { template: { url: `${url}/v1/chat/completions`, json }, output, retry: { delay: { initial: 1 } }, ...more };
}

/** Runs `body` with a server. */
async function withServer(options: ApiServerOptions, body: (server: ApiServer) => PromiseLike<void>): Promise<void> {
  const server = await ApiServer.listening(options);
  try {
    await run(() => body(server));
  } finally {
    await server[Symbol.asyncDispose]();
  }
}

describe("a batch", () => {
  test("sends every item once and records its answer", () =>
    withServer({}, async (server) => {
      const report = await batch(prompts(150), asking(server, { concurrency: 8 }));
      expect(report).toMatchObject({
        complete: true,
        stopped: null,
        succeeded: 150,
        failed: 0,
        skipped: 0,
        attempts: 150,
      });
      expect(ids().toSorted((a, b) => a - b)).toEqual(Array.from({ length: 150 }, (_, i) => i + 1));
      for (const { id, line, ok, status, attempts, elapsed, result } of results()) {
        expect([line, ok, status, attempts]).toEqual([id, true, 200, 1]);
        expect(elapsed).toBeGreaterThanOrEqual(0);
        expect(result.choices[0].message.content).toBe(`You said: item ${id - 1}`);
      }
      expect(server.log.requests).toHaveLength(150);
      expect(server.log.ids()).toHaveLength(150);
    }));

  test("has no more in flight than it may, and takes no more from its input than it needs", () =>
    withServer({ latency: 5 }, async (server) => {
      let given = 0;
      let ahead = 0;
      function* source() {
        for (const prompt of prompts(400)) {
          given++;
          ahead = Math.max(ahead, given - (existsSync(output) ? ids().length : 0));
          yield prompt;
        }
      }
      let inFlight = 0;
      const onEvent = (event: BatchEvent) => {
        if (event.type === "progress") inFlight = Math.max(inFlight, event.inFlight);
      };
      await batch(source(), asking(server, { concurrency: 3, onEvent, progressInterval: 1 }));
      expect(inFlight).toBeGreaterThan(0);
      expect(inFlight).toBeLessThanOrEqual(3);
      // In flight, one that waits for its turn, and one that is being read.
      expect(ahead).toBeLessThanOrEqual(5);
    }));

  test("tells what happens, in order", () =>
    withServer({ faults: { script: { "item 1": [500] } } }, async (server) => {
      const events: BatchEvent[] = [];
      const onEvent = (event: BatchEvent) => void events.push(event);
      const report = await batch(
        [{}, { key: "item 0" }, { key: "item 1" }],
        asking(server, { concurrency: 1, onEvent }),
      );
      const told = events.filter(({ type }) => type !== "progress");
      expect(told).toEqual([
        { type: "start", input: "the input", output, recorded: 0, recordedFailures: 0, forgotten: 0, mended: 0 },
        { type: "fault", line: 1, message: "Cannot fill {{key}}: line 1 has no such field" },
        { type: "result", id: 2, line: 2, ok: true, status: 200, attempts: 1, elapsed: expect.any(Number) },
        {
          type: "retry",
          id: 3,
          line: 3,
          attempt: 1,
          status: 500,
          message: `Cannot POST ${server.url}/v1/chat/completions: status 500 Internal Server Error`,
          delay: expect.any(Number),
          limited: false,
        },
        { type: "result", id: 3, line: 3, ok: true, status: 200, attempts: 2, elapsed: expect.any(Number) },
        { type: "end", ...report },
      ]);
    }));

  test("makes requests by a function, which may wait", () =>
    withServer({}, async (server) => {
      const request = async (value: string, { id, line }: { id: string | number; line: number }) => {
        await sleep(1);
        return { url: `${server.url}/v1/embeddings`, json: { model: "m", input: `${value} ${id} ${line}` } };
      };
      await batch(["a", "b"], { request, output, id: (value: string) => `id-${value}` });
      expect(server.log.ids().toSorted()).toEqual(["a id-a 1", "b id-b 2"]);
      expect(ids().toSorted()).toEqual(["id-a", "id-b"]);
    }));

  test("sends with the client that it is given, and leaves it open", () =>
    withServer({}, async (server) => {
      await using client = new HttpClient({ baseUrl: server.url });
      const request = (key: string) => ({ url: "/v1/embeddings", json: { model: "m", input: key } });
      await batch(["a"], { request, output, client });
      expect((await client.post("/v1/embeddings", { json: { model: "m", input: "b" } })).status).toBe(200);
      expect(server.log.ids()).toEqual(["a", "b"]);
    }));

  test("reads files by their names", () =>
    withServer({}, async (server) => {
      const input = join(folder, "input.csv");
      writeFileSync(input, "name,key\none,first\ntwo,second\n");
      const events: BatchEvent[] = [];
      const onEvent = (event: BatchEvent) => void events.push(event);
      await batch(input, asking(server, { id: "name", onEvent }));
      expect(ids().toSorted()).toEqual(["one", "two"]);
      expect(events.findLast(({ type }) => type === "progress")).toMatchObject({
        done: 2,
        total: 2,
        totalIsExact: true,
      });
    }));
});

describe("a second run", () => {
  test("sends only what has no result", () =>
    withServer({}, async (server) => {
      await batch(prompts(10), asking(server));
      const report = await batch(prompts(15), asking(server));
      expect(report).toMatchObject({ complete: true, succeeded: 5, skipped: 10 });
      expect(server.log.requests).toHaveLength(15);
      expect(ids().toSorted((a, b) => a - b)).toEqual(Array.from({ length: 15 }, (_, i) => i + 1));
    }));

  test("knows an item by its id, wherever it stands", () =>
    withServer({}, async (server) => {
      await batch(prompts(5), asking(server, { id: "key" }));
      await batch(prompts(8).reverse(), asking(server, { id: "key" }));
      expect(server.log.requests).toHaveLength(8);
      expect(new Set(ids()).size).toBe(8);
    }));

  test("mends the line that was torn, and sends its item again", () =>
    withServer({}, async (server) => {
      await batch(prompts(3), asking(server, { concurrency: 1 }));
      const text = readFileSync(output, "utf8");
      writeFileSync(output, text.slice(0, -20));
      let mended = 0;
      const onEvent = (event: BatchEvent) => void (event.type === "start" && (mended = event.mended));
      expect(await batch(prompts(3), asking(server, { onEvent }))).toMatchObject({ succeeded: 1, skipped: 2 });
      expect(mended).toBeGreaterThan(0);
      expect(ids()).toEqual([1, 2, 3]);
      expect(server.log.of("item 2")).toHaveLength(2);
    }));

  test("does the same with a database", () =>
    withServer({}, async (server) => {
      const options = { id: "key", output: databaseOutput(join(folder, "results.db")) };
      await batch(prompts(4), asking(server, options));
      expect(await batch(prompts(6), asking(server, options))).toMatchObject({ succeeded: 2, skipped: 4 });
      expect(server.log.requests).toHaveLength(6);
    }));

  test("does not start while the first is running", () =>
    withServer({ latency: 20 }, async (server) => {
      const first = createTask(batch(prompts(3), asking(server)));
      await sleep(5);
      const second = batch(prompts(3), asking(server));
      await expect(Promise.resolve(second)).rejects.toThrow(OutputLockedError);
      expect(await first).toMatchObject({ succeeded: 3 });
      expect(server.log.requests).toHaveLength(3);
    }));
});

describe("a request that fails for good", () => {
  const script = { "item 1": Array.from({ length: 20 }, () => 500 as const) };

  test("is recorded with its error, is not sent again, and is when it is asked for", () =>
    withServer({ faults: { script } }, async (server) => {
      const options = asking(server, { retry: { attempts: 3, delay: { initial: 1 } } });
      expect(await batch(prompts(3), options)).toMatchObject({ complete: true, succeeded: 2, failed: 1, failures: 1 });
      const failure = results().find(({ ok }) => !ok);
      expect(failure).toEqual({
        id: 2,
        ok: false,
        line: 2,
        status: 500,
        attempts: 3,
        elapsed: expect.any(Number),
        error: {
          code: "TSYNCIO_HTTP_STATUS",
          message: `Cannot POST ${server.url}/v1/chat/completions: status 500 Internal Server Error`,
          body: expect.stringContaining('"error"'),
        },
      });
      expect(await batch(prompts(3), options)).toMatchObject({ succeeded: 0, skipped: 3, failures: 1 });
      expect(server.log.of("item 1")).toHaveLength(3);

      server.plan({});
      expect(await batch(prompts(3), { ...options, retryFailed: true })).toMatchObject({
        succeeded: 1,
        skipped: 2,
        failures: 0,
      });
      expect(server.log.of("item 1")).toHaveLength(4);
      expect(ids().toSorted()).toEqual([1, 2, 3]);
    }));

  test("is not sent twice when its status says that it is wrong", () =>
    withServer({}, async (server) => {
      const request = (key: string) => ({ url: `${server.url}/v1/${key}`, json: { model: "m", input: "x" } });
      const report = await batch(["embeddings", "nowhere"], { request, output });
      expect(report).toMatchObject({ succeeded: 1, failed: 1, attempts: 2 });
      expect(results().find(({ id }) => id === 2)).toMatchObject({ ok: false, status: 404, attempts: 1 });
    }));

  test("stops the batch after so many in a row", () =>
    withServer({ key: "right" }, async (server) => {
      const report = await batch(prompts(50), asking(server, { maxFailuresInRow: 5, concurrency: 1 }));
      expect(report).toMatchObject({
        complete: false,
        failed: 5,
        stopped: `5 requests in a row have failed, the last one: Cannot POST ${server.url}/v1/chat/completions: status 401 Unauthorized`,
      });
      expect(server.log.requests).toHaveLength(5);
    }));
});

describe("a line of which no request can be made", () => {
  test("is reported with its line, has no result, and is sent when it is mended", () =>
    withServer({}, async (server) => {
      const input = join(folder, "input.jsonl");
      writeFileSync(input, '{"key":"a"}\n{"key":\n{"name":"c"}\n{"key":"d"}\n');
      const report = await batch(input, asking(server));
      expect(report).toMatchObject({ complete: false, stopped: null, succeeded: 2, failed: 0, faultCount: 2 });
      expect(report.faults).toEqual([
        { line: 2, message: expect.stringMatching(/^Cannot read line 2: it is no JSON, /) },
        { line: 3, message: "Cannot fill {{key}}: line 3 has no such field" },
      ]);
      expect(ids().toSorted()).toEqual([1, 4]);
      writeFileSync(input, '{"key":"a"}\n{"key":"b"}\n{"key":"c"}\n{"key":"d"}\n');
      expect(await batch(input, asking(server))).toMatchObject({ complete: true, succeeded: 2, skipped: 2 });
    }));

  test.each([
    [
      "an id that was there before",
      [{ key: "a" }, { key: "a" }],
      'Cannot send line 2: an earlier line has the same id, "a"',
    ],
    ["no id", [{ key: "a" }, { k: "b" }], 'Cannot name line 2: it has no field "key"'],
    [
      "an id that is none",
      [{ key: "a" }, { key: [1] }],
      'Cannot name line 2: "key" is an object; an id is a text or a number',
    ],
    ["an empty id", [{ key: "a" }, { key: "" }], 'Cannot name line 2: "key" is empty; an id is a text or a number'],
  ])("is one with %s", (_, items, message) =>
    withServer({}, async (server) => {
      const report = await batch(items, asking(server, { id: "key" }));
      expect(report).toMatchObject({ succeeded: 1, faults: [{ line: 2, message }] });
    }),
  );

  test.each([
    [
      "throws",
      () => {
        throw new Error("no idea");
      },
      "Cannot make a request of line 1: no idea",
    ],
    [
      "throws a fault",
      () => {
        throw new InputFault("Cannot do it");
      },
      "Cannot do it",
    ],
    ["gives a wrong address", () => ({ url: "http://" }), /^Cannot send http:\/\/: /],
    [
      "gives a wrong header",
      () => ({ url: "http://127.0.0.1:1/", headers: { a: "x\ny" } }),
      /^Cannot send http:\/\/127\.0\.0\.1:1\/: /,
    ],
  ])("is one whose function %s", (_, request, message) =>
    run(async () => {
      const report = await batch([1], { request, output });
      expect(report).toMatchObject({ attempts: expect.any(Number), failed: 0, faultCount: 1 });
      expect(report.faults[0]!.message).toMatch(message);
    }),
  );

  test("is one that costs more than its limit ever gives", () =>
    withServer({}, async (server) => {
      const options = { limits: { tokens: "100/1s" as const }, cost: () => ({ tokens: 101 }) };
      const report = await batch(prompts(1), asking(server, options));
      expect(report.faults).toEqual([
        { line: 1, message: expect.stringMatching(/^Cannot send line 1: Cannot reserve 101 tokens: /) },
      ]);
      expect(server.log.requests).toEqual([]);
    }));
});

describe("in the order of the input", () => {
  test("results stand in it, whatever came first", () =>
    withServer({ latency: [0, 30] }, async (server) => {
      const ordered = () => asking(server, { concurrency: 20, output: jsonlOutput(output, { order: "input" }) });
      await batch(prompts(100), ordered());
      expect(ids()).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
      expect(existsSync(`${output}.pending`)).toBe(false);
      await batch(prompts(120), ordered());
      expect(ids()).toEqual(Array.from({ length: 120 }, (_, i) => i + 1));
    }));

  test("no more is sent while the first one is too far behind", () =>
    withServer({ faults: { script: { "item 0": [{ slow: 1500 }] } } }, async (server) => {
      const ordered = jsonlOutput(output, { order: "input", window: 10 });
      const task = createTask(batch(prompts(40), asking(server, { concurrency: 8, output: ordered })));
      while (server.log.requests.length < 10) await sleep(1);
      await sleep(50);
      expect(server.log.requests).toHaveLength(10);
      expect(ids()).toEqual([]);
      expect(await task).toMatchObject({ succeeded: 40 });
      expect(ids()).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    }));

  test("failures and faults leave no gap", () =>
    withServer({ faults: { script: { "item 2": [500, 500] } } }, async (server) => {
      const items = prompts(6).map((item, i) => (i === 3 ? {} : item));
      const options = asking(server, {
        output: jsonlOutput(output, { order: "input" }),
        retry: { attempts: 2, delay: { initial: 1 } },
      });
      expect(await batch(items, options)).toMatchObject({ succeeded: 4, failed: 1, faultCount: 1 });
      expect(ids()).toEqual([1, 2, 3, 5, 6]);
      expect(await batch(prompts(6), { ...options, retryFailed: true })).toMatchObject({ succeeded: 2, skipped: 4 });
      expect(results().map(({ id, ok }) => [id, ok])).toEqual([1, 2, 3, 4, 5, 6].map((id) => [id, true]));
    }));
});

describe("being stopped", () => {
  test("by the signal waits for what is in flight, and says so", () =>
    withServer({ latency: 50 }, async (server) => {
      const controller = new AbortController();
      const task = createTask(batch(prompts(100), asking(server, { concurrency: 4, signal: controller.signal })));
      while (server.log.requests.length < 6) await sleep(1);
      controller.abort();
      const report = await task;
      expect(report).toMatchObject({ complete: false, stopped: "the signal was aborted", failed: 0 });
      expect(report.succeeded).toBe(server.log.requests.length);
      expect(server.log.count("answered")).toBe(ids().length);
      expect(existsSync(`${output}.lock`)).toBe(false);
    }));

  test("by a signal that was aborted before sends nothing", () =>
    withServer({}, async (server) => {
      const report = await batch(prompts(3), asking(server, { signal: AbortSignal.abort("enough") }));
      expect(report).toMatchObject({ complete: false, stopped: "enough", attempts: 0 });
    }));

  test("by the signal does not wait for who waits to be sent again, or for an input that is silent", () =>
    withServer({ faults: { script: { "item 0": [500, 500, 500] } } }, async (server) => {
      const controller = new AbortController();
      async function* silent() {
        yield { key: "item 0" };
        await new Promise(() => {});
      }
      const retry = { delay: { initial: "1h", max: "1h", jitter: "none" } } as const;
      const task = createTask(batch(silent(), asking(server, { signal: controller.signal, retry })));
      while (server.log.count("faulted") === 0) await sleep(1);
      await sleep(5);
      controller.abort();
      expect(await task).toMatchObject({ stopped: "the signal was aborted", succeeded: 0, failed: 0, attempts: 1 });
      expect(ids()).toEqual([]);
    }));

  test("by cancelling closes what is in flight at once, and keeps what was answered", () =>
    withServer({ latency: 20, faults: { script: { "item 3": ["stall"] } } }, async (server) => {
      const task = createTask(batch(prompts(4), asking(server, { concurrency: 4 })));
      while (!existsSync(output) || ids().length < 3) await sleep(1);
      task.cancel();
      await expect(Promise.resolve(task)).rejects.toThrow(CancelledError);
      expect(ids().toSorted()).toEqual([1, 2, 3]);
      while (server.log.count("abandoned") === 0) await sleep(1);
      expect(existsSync(`${output}.lock`)).toBe(false);
      server.plan({});
      expect(await batch(prompts(4), asking(server))).toMatchObject({ succeeded: 1, skipped: 3 });
    }));

  test("by an input that fails waits for what is in flight, and throws what it threw", () =>
    withServer({ latency: 10 }, async (server) => {
      async function* failing() {
        yield* prompts(3);
        throw new Error("the source is gone");
      }
      await expect(Promise.resolve(batch(failing(), asking(server)))).rejects.toThrow("the source is gone");
      expect(ids()).toHaveLength(3);
    }));

  test("by a listener that throws cancels the rest, and lets the next run in", () =>
    withServer({}, async (server) => {
      const onEvent = ({ type }: BatchEvent) => {
        if (type === "result") throw new Error("the listener is broken");
      };
      await expect(Promise.resolve(batch(prompts(3), asking(server, { onEvent, concurrency: 1 })))).rejects.toThrow(
        "the listener is broken",
      );
      expect(existsSync(`${output}.lock`)).toBe(false);
      expect(await batch(prompts(3), asking(server))).toMatchObject({ skipped: 1, succeeded: 2 });
    }));

  test("by a server that is not there records nothing", () =>
    run(async () => {
      const server = await ApiServer.listening();
      const { url } = server;
      await server[Symbol.asyncDispose]();
      const report = await batch(prompts(5), asking({ url }, { retry: { attempts: 2, delay: { initial: 1 } } }));
      expect(report).toMatchObject({ complete: false, succeeded: 0, failed: 0 });
      expect(report.stopped).toMatch(/^Cannot POST http:\/\/127\.0\.0\.1:\d+\/v1\/chat\/completions: .*ECONNREFUSED/);
      expect(ids()).toEqual([]);
    }));
});

describe("one address among others that cannot be reached", () => {
  test("has failed, and the others go on", () =>
    withServer({}, async (server) => {
      const dead = await ApiServer.listening();
      const { url } = dead;
      await dead[Symbol.asyncDispose]();
      const request = (base: string) => ({ url: `${base}/v1/embeddings`, json: { model: "m", input: base } });
      const options = { request, output, retry: { attempts: 3, delay: { initial: 20, jitter: "none" } } } as const;
      const report = await batch([server.url, url, server.url], options);
      expect(report).toMatchObject({ complete: true, succeeded: 2, failed: 1 });
      expect(results().find(({ ok }) => !ok)).toMatchObject({
        id: 2,
        status: null,
        attempts: 3,
        error: { code: "TSYNCIO_HTTP_CONNECT" },
      });
    }));
});

test("an answer is recorded although what it has used cannot be read, and the error is thrown in the end", () =>
  withServer({}, async (server) => {
    const usage = () => {
      throw new Error("no usage");
    };
    await expect(Promise.resolve(batch(prompts(1), asking(server, { usage })))).rejects.toThrow("no usage");
    expect(results()).toMatchObject([{ id: 1, ok: true }]);
  }));

describe("limits", () => {
  test("are kept in every window, of requests and of tokens together, and are used", async () => {
    const sent: { readonly at: number; readonly tokens: number }[] = [];
    const costs = Array.from({ length: 600 }, (_, i) => 10 + ((i * 37) % 50));
    const transport: HttpTransport = {
      exchange: coroutine(function* exchange({ url }: WireRequest) {
        sent.push({ at: getRunningLoop().time(), tokens: costs[Number(url.pathname.slice(1))]! });
        yield* sleep(300);
        return { status: 200, statusText: "OK", headers: new HttpHeaders(), body: new Uint8Array() };
      }),
      close: coroutine(function* close() {}),
    };
    const main = async () => {
      const client = new HttpClient({ transport });
      const request = (_: unknown, { line }: ItemInfo) => ({ url: `http://a/${line - 1}` });
      const cost = ({ url }: BatchRequest) => ({ tokens: costs[Number(String(url).slice(9))]! });
      const limits = { requests: "600/1m", tokens: "15000/1m" } as const;
      return await batch(costs, { request, cost, limits, client, output });
    };
    const report = await run(main, { loopFactory: () => newEventLoop({ host: new VirtualHost() }) });
    expect(report).toMatchObject({ succeeded: 600, limited: 0 });
    const total = costs.reduce((sum, tokens) => sum + tokens, 0);
    const minutes = (sent.at(-1)!.at - sent[0]!.at) / 60_000;
    expect(total / 15_000 / minutes).toBeGreaterThan(0.95);
    for (const [i, { at }] of sent.entries()) {
      const window = sent.slice(i).filter((later) => later.at < at + 60_000);
      expect(window.length).toBeLessThanOrEqual(600);
      expect(window.reduce((sum, { tokens }) => sum + tokens, 0)).toBeLessThanOrEqual(15_000);
    }
  });

  test("that nobody told are waited for, and no request fails of them", () =>
    withServer({ limits: { per: 200, requests: 20 }, limitHeaders: false, retryAfter: "none" }, async (server) => {
      const report = await batch(prompts(60), asking(server, { concurrency: 10 }));
      expect(report).toMatchObject({ succeeded: 60, failed: 0 });
      expect(server.log.count("refused")).toBe(report.limited);
      expect(report.limited).toBeGreaterThan(0);
    }));

  test("may be shared, and are corrected by what answers say", () =>
    withServer({}, async (server) => {
      const limits = new RateLimits({ tokens: { rate: 1_000, per: "1h", burst: 1_000 } });
      const usage = ({ usage: { total_tokens } }: any) => ({ tokens: total_tokens });
      const report = await batch(prompts(10), asking(server, { limits, cost: () => ({ tokens: 400 }), usage }));
      expect(report.succeeded).toBe(10);
      const used = results().reduce((sum, { result }) => sum + result.usage.total_tokens, 0);
      expect(report.usage).toEqual({ tokens: used });
      expect(limits.statistics().limits[0]!.remaining).toBe(1_000 - used);
      expect(results()[0].usage).toEqual({ tokens: expect.any(Number) });
    }));
});

test("an idempotency key is the same in every run, and another for every item", () =>
  withServer({ faults: { script: {} } }, async (server) => {
    const request = (key: string) => ({ url: `${server.url}/v1/embeddings`, json: { model: "m", input: key } });
    await batch(["a", "b"], { request, output, idempotencyKey: true });
    rmSync(output);
    await batch(["a", "b"], { request, output, idempotencyKey: true });
    expect(server.log.ids()).toHaveLength(2);
    for (const id of server.log.ids()) {
      expect(id).toMatch(/^[0-9a-f]{64}$/);
      expect(server.log.of(id)).toHaveLength(2);
    }
    rmSync(output);
    await batch(["a"], { request, output, idempotencyKey: ({ id }) => `mine-${id}` });
    expect(server.log.of("mine-1")).toHaveLength(1);
  }));

describe("options that have no meaning are refused at the call:", () => {
  const template = { url: "http://localhost/" };
  test.each<[string, object, string]>([
    [
      "no request",
      { output: "a.jsonl" },
      "Cannot start a batch: expected one of request, template and preset, received none",
    ],
    [
      "two of them",
      { template, request: () => template, output: "a.jsonl" },
      "Cannot start a batch: expected one of request, template and preset, received 2",
    ],
    [
      "a request that is no function",
      { request: 1, output: "a.jsonl" },
      "Cannot start a batch: request must be a function, received 1",
    ],
    ["no output", { template }, "Cannot write undefined: expected a path, or an output such as jsonlOutput()"],
    [
      "an output of another kind",
      { template, output: "a.txt" },
      "Cannot write a.txt: expected a name that ends in .jsonl, .ndjson, .db or .sqlite; or use jsonlOutput() or databaseOutput()",
    ],
    [
      "attempts",
      { template, output: "a.jsonl", retry: { attempts: 0 } },
      "Cannot start a batch: retry.attempts must be an integer >= 1, received 0",
    ],
    [
      "a concurrency",
      { template, output: "a.jsonl", concurrency: 0 },
      "Cannot send in a batch: concurrency must be an integer >= 1, received 0",
    ],
  ])("%s", (_, options, message) => {
    expect(() => batch([], options as BatchOptions)).toThrow(message);
  });

  test("an input that is not there", () => {
    expect(() => batch("nowhere.jsonl", { template, output: "a.jsonl" })).toThrow(BatchError);
    expect(() => jsonlInput("nowhere.jsonl")).toThrow(BatchError);
  });
});
