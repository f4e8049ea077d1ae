import type { IncomingMessage, ServerResponse } from "node:http";
import {
  type Awaitable,
  CancelledError,
  RuntimeError,
  createTask,
  gather,
  getRunningLoop,
  newEventLoop,
  run,
  sleep,
} from "tsyncio";
import {
  EventTooLargeError,
  type EventsOptions,
  HttpClient,
  HttpConnectError,
  HttpConnectionError,
  HttpProtocolError,
  HttpStatusError,
  HttpTimeoutError,
  type ServerSentEvent,
  type WireRequest,
} from "@tsyncio/http";
import { createGzip } from "node:zlib";
import { describe, expect, test } from "vitest";
import { errorOf } from "../../../../conformance/program.ts";
import { VirtualHost } from "../../../../test/virtual-host.ts";
import { CountingServer } from "../counting-server.ts";
import { type Scripted, ScriptedTransport } from "../scripted-transport.ts";

const EVENT_STREAM = { "content-type": "text/event-stream" };
const URL_ = "http://feed.test/";

/** Runs a program against a real server on loopback. */
async function served(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  program: (client: HttpClient, url: string, server: CountingServer) => Awaitable<void>,
) {
  const server = new CountingServer(answer);
  await server.listen();
  try {
    await run(async () => {
      await using client = new HttpClient();
      await program(client, server.origin, server);
    });
  } finally {
    await server.close();
  }
}

/** Runs a program in virtual time, against answers that are written here. */
function scripted(
  answer: (request: WireRequest, number: number) => Scripted,
  program: (client: HttpClient, transport: ScriptedTransport) => Awaitable<void>,
) {
  const transport = new ScriptedTransport(answer);
  return run(() => program(new HttpClient({ transport }), transport), {
    loopFactory: () => newEventLoop({ host: new VirtualHost() }),
  });
}

const headerOf = (request: WireRequest, name: string) => request.headers.find(([own]) => own === name)?.[1] ?? null;
const now = () => getRunningLoop().time();

async function collected(events: AsyncIterable<ServerSentEvent>): Promise<string[]> {
  const data: string[] = [];
  for await (const event of events) data.push(event.data);
  return data;
}

describe("a feed that a real server breaks", () => {
  const COUNT = 6;
  const ENDINGS = ["\n", "\r", "\r\n"];

  /** The feed after event `last`, in events of several lines with comments between them. */
  function feedAfter(last: number, ending: string): Buffer {
    const lines: string[] = [];
    for (let id = last + 1; id <= COUNT; id++)
      lines.push(": ping", "", `data: first line of ${id}`, "event: update", `data: é ${id}`, `id: ${id}`, "");
    return Buffer.from(`\uFEFFretry: 0${ending}${lines.join(ending)}${ending}`);
  }

  /** A feed whose n-th connection carries `carried(n)` bytes and is then broken, or ended; when all is sent it says 204. */
  const feed =
    (ending: string, carried: (connection: number) => number, how: "destroy" | "end", seen: (string | undefined)[]) =>
    (request: IncomingMessage, response: ServerResponse): void => {
      const last = request.headers["last-event-id"] as string | undefined;
      seen.push(last);
      if (Number(last ?? 0) === COUNT) return void response.writeHead(204).end();
      const bytes = feedAfter(Number(last ?? 0), ending);
      const sent = bytes.subarray(0, carried(seen.length));
      response.writeHead(200, EVENT_STREAM);
      response.write(sent, () => {
        // A destroyed socket takes back what the client has not read.
        if (how === "end" || sent.length === bytes.length) response.end();
        else setTimeout(() => response.destroy(), 2);
      });
    };

  const all = Array.from({ length: COUNT }, (_, i) => [`${i + 1}`, `first line of ${i + 1}\né ${i + 1}`]);

  test.each(ENDINGS.flatMap((ending) => (["destroy", "end"] as const).map((how) => [ending, how] as const)))(
    "wherever (lines end with %j, connections by %s) loses no event and gives none twice",
    async (ending, how) => {
      const whole = feedAfter(0, ending).length;
      // Each connection comes a little further than one event is long: cuts fall everywhere.
      for (let first = 1; first < whole; first += 17) {
        const seen: (string | undefined)[] = [];
        await served(
          feed(ending, (connection) => (connection === 1 ? first : 97), how, seen),
          async (client, url) => {
            const given: [string, string][] = [];
            for await (const { id, data, type } of client.events(url, {
              reconnect: { delay: 0, maxDelay: 0 },
            })) {
              expect(type).toBe("update");
              given.push([id, data]);
            }
            expect(given, `cut at ${first}`).toEqual(all);
          },
        );
        expect(seen[0]).toBeUndefined();
        expect(seen.at(-1)).toBe(`${COUNT}`);
      }
    },
  );

  test("byte by byte gives every event as soon as its last byte is there", async () => {
    const bytes = feedAfter(0, "\r\n");
    await served(
      (_, response) => {
        response.socket!.setNoDelay();
        response.writeHead(200, EVENT_STREAM);
        let at = 0;
        const next = () => {
          if (at === bytes.length) return void response.end();
          response.write(bytes.subarray(at, ++at), () => setImmediate(next));
        };
        next();
      },
      async (client, url) => {
        const given: string[] = [];
        for await (const { id } of client.events(url, { reconnect: false })) given.push(id);
        expect(given).toEqual(all.map(([id]) => id));
      },
    );
  });
});

describe("on the wire", () => {
  /** A feed that goes on for ever. */
  const endless = (_: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(200, EVENT_STREAM).write("id: 1\ndata: x\n\n");
  };
  const gone = async (server: CountingServer) => {
    while (server.open > 0) await sleep(1);
  };

  test("leaving the loop closes the connection", () =>
    served(endless, async (client, url, server) => {
      for await (const { data } of client.events(url)) {
        expect([data, server.open]).toEqual(["x", 1]);
        break;
      }
      await gone(server);
    }));

  test("cancelled while it waits for an event, it closes the connection", () =>
    served(endless, async (client, url, server) => {
      const given: string[] = [];
      const reading = createTask(
        (async () => {
          for await (const { data } of client.events(url)) given.push(data);
        })(),
      );
      while (given.length === 0) await sleep(1);
      reading.cancel();
      expect(await errorOf(reading)).toBeInstanceOf(CancelledError);
      await gone(server);
    }));

  test("cancelled before the answer has come, it closes the connection", () =>
    served(
      () => {},
      async (client, url, server) => {
        const reading = createTask(collected(client.events(url)));
        while (server.seen.length === 0) await sleep(1);
        reading.cancel();
        expect(await errorOf(reading)).toBeInstanceOf(CancelledError);
        await gone(server);
      },
    ));

  test("it asks for events, and for nothing that is cached, unless told otherwise", async () => {
    const requests: IncomingMessage[] = [];
    await served(
      (request, response) => {
        requests.push(request);
        response.writeHead(204).end();
      },
      async (client, url) => {
        await collected(client.events(url, { lastEventId: "é 1" }));
        await collected(client.events(url, { headers: { accept: "x/y", "cache-control": null }, method: "POST" }));
        const [first, second] = requests;
        expect(first!.headers).toMatchObject({ accept: "text/event-stream", "cache-control": "no-cache" });
        expect(Buffer.from(first!.headers["last-event-id"] as string, "latin1").toString()).toBe("é 1");
        expect([second!.method, second!.headers.accept, second!.headers["cache-control"]]).toEqual([
          "POST",
          "x/y",
          undefined,
        ]);
        expect(second!.headers["last-event-id"]).toBeUndefined();
      },
    );
  });

  test("an event that comes compressed is there as soon as it was flushed", () =>
    served(
      (_, response) => {
        response.writeHead(200, { ...EVENT_STREAM, "content-encoding": "gzip" });
        const gzip = createGzip();
        gzip.pipe(response);
        gzip.write("data: x\n\n", () => gzip.flush());
      },
      async (client, url) => {
        for await (const { data } of client.events(url)) {
          expect(data).toBe("x");
          break;
        }
      },
    ));

  test("a limit of the client for bodies is none for all the events together", () =>
    served(
      (_, response) => void response.writeHead(200, EVENT_STREAM).end(`data: ${"x".repeat(500)}\n\n`.repeat(3)),
      async (client, url) => {
        const events = client.extend({ maxBodySize: 1000 }).events(url, { reconnect: false });
        expect((await collected(events)).length).toBe(3);
      },
    ));

  test("native code reads it too", async () => {
    "native async";
    const server = new CountingServer((_, response) => {
      response.writeHead(200, EVENT_STREAM).end("data: x\n\ndata: y\n\n");
    });
    await server.listen();
    const client = new HttpClient();
    const data: string[] = [];
    for await (const event of client.events(server.origin)) {
      data.push(event.data);
      if (event.data === "y") break;
    }
    expect(data).toEqual(["x", "y"]);
    await client.close();
    await server.close();
  });
});

describe("between two connections", () => {
  /** Events until the third connection, which says that there are no more. */
  const thrice = (parts: readonly string[], times: number[]) => (_: WireRequest, number: number) => {
    times.push(now());
    return number < 3 ? { headers: EVENT_STREAM, parts: [parts[number - 1] ?? ""] } : { status: 204 };
  };

  test("there are 3 seconds", async () => {
    const times: number[] = [];
    await scripted(thrice(["data: x\n\n"], times), async (client) => {
      expect(await collected(client.events(URL_))).toEqual(["x"]);
    });
    expect(times).toEqual([0, 3000, 6000]);
  });

  test("there is what was asked for, and what the server asks for counts from then on, up to a limit", async () => {
    const times: number[] = [];
    await scripted(thrice(["data: x\n\n", "retry: 90000\n"], times), async (client) => {
      await collected(client.events(URL_, { reconnect: { delay: "1s", maxDelay: "1m" } }));
    });
    expect(times).toEqual([0, 1000, 61_000]);
  });

  test("the ids of events, and those that come alone, are sent; an empty one takes them back", async () => {
    const parts = [
      "id: 1\ndata: x\n\n",
      "id: 2\n\ndata: y\n\nid: 3\ndata: never ended",
      "data: z\nid\n\n",
      "data: z\n\n",
    ];
    const events = () =>
      scripted(
        (_, number) => {
          const text = parts[number - 1];
          return text === undefined ? { status: 204 } : { headers: EVENT_STREAM, parts: [text] };
        },
        async (client, { requests }) => {
          const source = client.events(URL_, { lastEventId: "0" });
          const ids: string[] = [];
          for await (const { id } of source) ids.push(id);
          expect(ids).toEqual(["1", "2", "", ""]);
          expect(requests.map((request) => headerOf(request, "last-event-id"))).toEqual(["0", "1", "2", null, null]);
          expect([source.lastEventId, source.connections]).toEqual(["", 4]);
        },
      );
    await events();
  });

  test("a time out of silence is a connection that is broken", () =>
    scripted(
      (_, number) => {
        if (number === 2) return { status: 204 };
        const silence = async () => {
          await sleep(5000);
          throw new HttpTimeoutError("silence", { method: "GET", url: URL_, phase: "body" });
        };
        return { headers: EVENT_STREAM, parts: ["data: x\n\n", silence] };
      },
      async (client, { requests }) => {
        expect(await collected(client.events(URL_, { timeout: { body: "5s" } }))).toEqual(["x"]);
        expect(requests[0]!.timeouts).toMatchObject({ body: 5000 });
        expect(now()).toBeGreaterThanOrEqual(8000);
        expect(now()).toBeLessThanOrEqual(11_000);
      },
    ));

  test("no time limit of the client is kept between two parts", () =>
    scripted(
      () => ({ status: 204 }),
      async (client, { requests }) => {
        await collected(client.extend({ timeout: { headers: "7s", body: "1s" } }).events(URL_));
        expect(requests[0]!.timeouts).toMatchObject({ headers: 7000, body: null });
      },
    ));
});

describe("a server that cannot be reached", () => {
  const refused = () => new HttpConnectError("refused", { method: "GET", url: URL_ });

  test("at the first connection is an error", () =>
    scripted(
      () => {
        throw refused();
      },
      async (client, { requests }) => {
        expect(await errorOf(collected(client.events(URL_)))).toBeInstanceOf(HttpConnectError);
        expect(requests.length).toBe(3);
      },
    ));

  test("later is asked again, less and less often, and at last an error", async () => {
    const times: number[] = [];
    await scripted(
      (_, number) => {
        if (number === 1) return { headers: EVENT_STREAM, parts: ["data: x\n\n"] };
        times.push(now());
        throw refused();
      },
      async (client) => {
        const given: string[] = [];
        const reading = (async () => {
          const events = client.events(URL_, { reconnect: { delay: 100, maxDelay: 1000, attempts: 20 } });
          for await (const { data } of events) given.push(data);
        })();
        expect(await errorOf(reading)).toBeInstanceOf(HttpConnectError);
        expect(given).toEqual(["x"]);
      },
    );
    expect(times.length).toBe(21);
    const waits = times.slice(1).map((time, i) => time - times[i]!);
    waits.forEach((wait, i) => {
      expect(wait).toBeGreaterThanOrEqual(100);
      expect(wait).toBeLessThanOrEqual(100 + Math.min(1000, 100 * 2 ** i));
    });
    expect(Math.max(...waits)).toBeGreaterThan(200);
  });

  test("comes back, and the failures before are forgotten", () =>
    scripted(
      (_, number) => {
        if (number === 8) return { status: 204 };
        if (number % 2 === 0) throw refused();
        return { headers: EVENT_STREAM, parts: [`data: ${number}\n\n`] };
      },
      async (client) => {
        const events = client.events(URL_, { reconnect: { attempts: 1 } });
        expect(await collected(events)).toEqual(["1", "3", "5", "7"]);
      },
    ));

  test("is left alone as long as it asks", async () => {
    const times: number[] = [];
    await scripted(
      (_, number) => {
        times.push(now());
        if (number === 1) return { headers: EVENT_STREAM };
        return number === 2 ? { status: 503, headers: { "retry-after": "50" } } : { status: 204 };
      },
      async (client) => expect(await collected(client.events(URL_))).toEqual([]),
    );
    expect(times).toEqual([0, 3000, 53_000]);
  });
});

describe("an answer that is no feed", () => {
  test.each([
    [{ "content-type": "text/html" }, 'the content-type "text/html"'],
    [{ "content-type": "text/event-streams" }, 'the content-type "text/event-streams"'],
    [{}, "no content-type"],
  ])("is an error: %j", (headers, shown) =>
    scripted(
      () => ({ headers, parts: ["data: x\n\n"] }),
      async (client, transport) => {
        const error = await errorOf(collected(client.events(URL_)));
        expect(error).toBeInstanceOf(HttpProtocolError);
        expect(error).toMatchObject({
          message: `Cannot GET ${URL_}: the answer has ${shown}, and not "text/event-stream"`,
          status: 200,
        });
        expect(error).toMatchObject({ body: "data: x\n\n" });
        expect(transport.open).toBe(0);
      },
    ),
  );

  test("is an error that tells what it is instead, and does not wait long for it", () =>
    scripted(
      () => ({
        headers: { "content-type": "application/json" },
        parts: ['{"error": "no such', ' model"', () => sleep("1h"), "}"],
      }),
      async (client, transport) => {
        const error = await errorOf(collected(client.events(URL_)));
        expect(error).toBeInstanceOf(HttpProtocolError);
        expect(error).toMatchObject({ body: '{"error": "no such model"' });
        expect([transport.open, now()]).toEqual([0, 1000]);
      },
    ));

  test("but may have parameters, and any letters", () =>
    scripted(
      (_, number) =>
        number === 1
          ? { headers: { "content-type": "Text/Event-Stream ; charset=utf-8" }, parts: ["data: x\n\n"] }
          : { status: 204 },
      async (client) => expect(await collected(client.events(URL_))).toEqual(["x"]),
    ));

  test("is an error at a later connection too, and so is a status that time does not mend", () =>
    scripted(
      (_, number) => (number === 1 ? { headers: EVENT_STREAM, parts: ["data: x\n\n"] } : { status: 404 }),
      async (client) => {
        const error = await errorOf(collected(client.events(URL_)));
        expect(error).toBeInstanceOf(HttpStatusError);
        expect(error).toMatchObject({ status: 404 });
      },
    ));
});

describe("without reconnecting", () => {
  const once = { headers: EVENT_STREAM, parts: ["data: x\n\n"] };

  test.each<EventsOptions>([{ reconnect: false }, { method: "POST", json: {} }])(
    "%j gives the events of one answer",
    (options) =>
      scripted(
        () => once,
        async (client, { requests }) => {
          expect(await collected(client.events(URL_, options))).toEqual(["x"]);
          expect(requests.length).toBe(1);
          expect(now()).toBe(0);
        },
      ),
  );

  test("a connection that breaks is an error, behind the events before it", () =>
    scripted(
      () => ({
        headers: EVENT_STREAM,
        parts: [
          "data: x\n\ndata: half",
          () => {
            throw new HttpConnectionError("broken", { method: "POST", url: URL_ });
          },
        ],
      }),
      async (client) => {
        const events = client.events(URL_, { method: "POST" })[Symbol.asyncIterator]();
        expect((await events.next()).value).toMatchObject({ data: "x" });
        expect(await errorOf(events.next())).toBeInstanceOf(HttpConnectionError);
      },
    ));

  test("a POST is sent again when that is asked for", () =>
    scripted(
      (_, number) => (number === 2 ? { status: 204 } : once),
      async (client, { requests }) => {
        await collected(client.events(URL_, { method: "POST", json: { a: 1 }, reconnect: true }));
        expect(requests.map(({ method, body }) => [method, String(body)])).toEqual([
          ["POST", '{"a":1}'],
          ["POST", '{"a":1}'],
        ]);
      },
    ));
});

test("an event that is too long is an error, and closes the connection", () =>
  scripted(
    () => ({ headers: EVENT_STREAM, parts: [`data: ${"x".repeat(100)}`, () => sleep("1h")] }),
    async (client, transport) => {
      const error = await errorOf(collected(client.events(URL_, { maxEventSize: 50 })));
      expect(error).toBeInstanceOf(EventTooLargeError);
      expect([transport.cancelled, now()]).toEqual([1, 0]);
    },
  ));

test("cancelled between two connections, it is over at once", () =>
  scripted(
    () => ({ headers: EVENT_STREAM }),
    async (client, { requests }) => {
      const reading = createTask(collected(client.events(URL_)));
      await sleep(1000);
      reading.cancel();
      expect(await errorOf(reading)).toBeInstanceOf(CancelledError);
      await sleep("1m");
      expect(requests.length).toBe(1);
    },
  ));

test("cancelled in whichever iteration of the loop, nothing stays open and no event was given twice", async () => {
  let longest = 0;
  for (let iterations = 0; ; iterations++) {
    let over = false;
    await scripted(
      (request, number) => {
        if (number === 3) return { status: 204 };
        const first = Number(headerOf(request, "last-event-id") ?? 0) + 1;
        const parts = [first, first + 1].map((id) => [
          `id: ${id}\n`,
          () => sleep(0),
          `data: ${id}\n\n`,
          () => sleep(0),
        ]);
        return { headers: EVENT_STREAM, parts: parts.flat() };
      },
      async (client, transport) => {
        const given: string[] = [];
        const reading = createTask(
          (async () => {
            for await (const { data } of client.events(URL_, { reconnect: { delay: 0 } })) given.push(data);
          })(),
        );
        for (let i = 0; i < iterations; i++) await sleep(0);
        over = reading.done();
        reading.cancel();
        const [result] = await gather([reading], { returnExceptions: true });
        expect(over || result instanceof CancelledError).toBe(true);
        expect(transport.open).toBe(0);
        expect(given).toEqual(["1", "2", "3", "4"].slice(0, given.length));
        longest = Math.max(longest, given.length);
      },
    );
    if (over) break;
  }
  expect(longest).toBe(4);
});

test("iterated again, it goes on after the last event that was given", () =>
  scripted(
    (request) => {
      const last = Number(headerOf(request, "last-event-id") ?? 0);
      const rest = [1, 2, 3, 4].filter((id) => id > last);
      return rest.length === 0
        ? { status: 204 }
        : { headers: EVENT_STREAM, parts: [rest.map((id) => `id: ${id}\ndata: ${id}\n\n`).join("")] };
    },
    async (client) => {
      const events = client.events(URL_);
      const given: string[] = [];
      for await (const { data } of events) {
        given.push(data);
        if (data === "2") break;
      }
      expect(events.lastEventId).toBe("2");
      for await (const { data } of events) given.push(data);
      expect(given).toEqual(["1", "2", "3", "4"]);
    },
  ));

test("only one iteration at a time is allowed", () =>
  scripted(
    () => ({ headers: EVENT_STREAM, parts: ["data: x\n\n"] }),
    async (client) => {
      const events = client.events(URL_);
      const first = events[Symbol.asyncIterator]();
      await first.next();
      const error = await errorOf(collected(events));
      expect(error).toBeInstanceOf(RuntimeError);
      expect(error).toMatchObject({ message: "Cannot read events: they are being read already" });
      await first[Symbol.asyncDispose]();
    },
  ));

test.each<[EventsOptions, string]>([
  [{ lastEventId: "a\nb" }, 'Cannot read events: lastEventId must be a string without line breaks, received "a\\nb"'],
  [{ maxEventSize: 1.5 }, "Cannot read events: maxEventSize must be an integer >= 1, received 1.5"],
  [{ reconnect: { attempts: -1 } }, "Cannot read events: attempts must be an integer >= 0, received -1"],
  [{ reconnect: { delay: -1 } }, "Cannot read events: delay must be >= 0, received -1"],
  [{ method: "a b" }, "its name must be letters, digits and hyphens"],
  [
    { method: "POST", body: ["once"], reconnect: true },
    "Cannot reconnect to events: the body cannot be sent again; pass a function that gives it, or reconnect: false",
  ],
])("%j is refused at the call", (options, message) => {
  expect(() => new HttpClient().events(URL_, options)).toThrow(message);
});
