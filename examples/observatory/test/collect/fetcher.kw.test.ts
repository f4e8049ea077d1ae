import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { HttpResponse } from "@tsyncio/http";
import { CancelledError, createTask, gather, run, sleep } from "tsyncio";
import { afterEach, expect, test } from "vitest";
import { Fetcher } from "../../src/collect/fetcher.ts";
import { type ClientOptions, openClient } from "../../src/collect/open-client.ts";
import { UnreadableError } from "../../src/collect/source.ts";
import { Tally } from "../../src/collect/tally.ts";
import { pages } from "../../src/sources/pages.ts";

type Answering = (request: IncomingMessage, response: ServerResponse, time: number) => void;

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A fetcher for a server that answers the nth request (from 1) with `answer`, and what it has counted. */
async function fetcherFor(answer: Answering, options: Partial<ClientOptions> = {}) {
  "native async";
  let times = 0;
  server = createServer((request, response) => answer(request, response, (times += 1)));
  await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const tally = new Tally();
  const client = openClient({ tally, concurrency: 100, timeout: "20s", base, ...options });
  return { fetcher: new Fetcher(client, [pages], tally), tally };
}

const text = (answer: HttpResponse) => answer.text();

test("An answer is read, and counted.", () =>
  run(async () => {
    const { fetcher, tally } = await fetcherFor((request, response) => void response.end(`at ${request.url}`));
    expect(await fetcher.get("/a?b", text)).toEqual({
      value: "at /a?b",
      failure: undefined,
      status: 200,
      requests: 1,
    });
    expect([tally.requests, tally.bytes, tally.inFlight.most, tally.inFlight.now]).toEqual([1, 7, 1, 0]);
  }));

test("Faults are survived.", () =>
  run(async () => {
    const { fetcher, tally } = await fetcherFor((_, response, time) => {
      if (time === 1) response.writeHead(500).end();
      else if (time === 2) response.destroy();
      else if (time === 3) response.writeHead(200, { "content-length": 10 }).write("half", () => response.destroy());
      else response.end("whole");
    });
    const { value, requests } = await fetcher.get("/", text);
    expect([value, requests, [...tally.troubles.keys()]]).toEqual([
      "whole",
      4,
      ["500 Internal Server Error", "connection closed", "the body is cut off"],
    ]);
    expect(tally.retries).toBe(3);
  }));

test("What cannot be read is fetched again, and given up in the end.", () =>
  run(async () => {
    const { fetcher, tally } = await fetcherFor((_, response, time) => void response.end(time < 3 ? "ha" : "half"));
    const whole = (answer: HttpResponse) => {
      if (answer.text().length < wanted) throw new UnreadableError("it is not whole");
      return answer.text();
    };
    let wanted = 4;
    expect(await fetcher.get("/", whole)).toMatchObject({ value: "half", requests: 3 });
    expect(tally.troubles).toEqual(new Map([["it is not whole", 2]]));
    wanted = 5;
    expect(await fetcher.get("/", whole)).toMatchObject({ value: undefined, failure: "it is not whole", requests: 5 });
  }));

test("An answer that takes too long is given up, and its connection is closed.", () =>
  run(async () => {
    let closed = false;
    const answer: Answering = (request, response, time) => {
      request.socket.on("close", () => (closed ||= time === 1));
      if (time > 1) response.end("there");
    };
    const { fetcher, tally } = await fetcherFor(answer, { timeout: "200ms" });
    const { value } = await fetcher.get("/", text);
    expect([value, [...tally.troubles.keys()], closed]).toEqual(["there", ["timeout"], true]);
  }));

test("A server that says when to come again is left alone for so long, by everyone.", () =>
  run(async () => {
    const times: number[] = [];
    const { fetcher, tally } = await fetcherFor((_, response, time) => {
      times.push(performance.now());
      if (time === 1) response.writeHead(429, { "retry-after": "1" }).end();
      else response.end("there");
    });
    const first = createTask(fetcher.get("/", text));
    await sleep(200);
    await gather(first, fetcher.get("/other", text));
    expect([...tally.troubles]).toEqual([["429 Too Many Requests", 1]]);
    expect(Math.min(times[1]!, times[2]!) - times[0]!).toBeGreaterThan(950);
  }));

test("What stays away is given up when the retries are used up.", () =>
  run(async () => {
    const { fetcher } = await fetcherFor((_, response) => void response.writeHead(502).end(), { retries: 2 });
    const { value, failure, requests } = await fetcher.get("/", text);
    expect([value, failure, requests]).toEqual([undefined, "502 Bad Gateway", 3]);
  }));

test("What will stay as it is is given up at once, and is an outcome with a record.", () =>
  run(async () => {
    const { fetcher, tally } = await fetcherFor((_, response) => void response.writeHead(404).end());
    const { failure, requests, reading } = await fetcher.fetch({ source: "pages", url: "/gone" });
    expect([failure, requests, reading.records[0], tally.retries]).toEqual([
      "404 Not Found",
      1,
      expect.objectContaining({ url: "/gone", status: 404, failure: "404 Not Found" }),
      0,
    ]);
  }));

test("No more requests are in flight than is allowed.", () =>
  run(async () => {
    let now = 0;
    let most = 0;
    const slow: Answering = (_, response) => {
      most = Math.max(most, (now += 1));
      setTimeout(() => {
        now -= 1;
        response.end();
      }, 10);
    };
    const { fetcher, tally } = await fetcherFor(slow, { concurrency: 7 });
    await gather(Array.from({ length: 50 }, (_, index) => fetcher.get(`/${index}`, text)));
    expect([most, tally.inFlight.most]).toEqual([7, 7]);
  }));

test("Cancelling closes the connection and gives everything back.", () =>
  run(async () => {
    let closed = false;
    const answer: Answering = (request, response) => {
      if (request.url === "/slow") request.socket.on("close", () => (closed = true));
      else response.end("there");
    };
    const { fetcher, tally } = await fetcherFor(answer, { concurrency: 1 });
    const task = createTask(fetcher.get("/slow", text));
    await sleep(50);
    task.cancel();
    const [outcome] = await gather([task], { returnExceptions: true });
    const { value } = await fetcher.get("/next", text);
    expect([outcome instanceof CancelledError, closed, tally.inFlight.now, value]).toEqual([true, true, 0, "there"]);
  }));

test("A fault of the reader is not taken for one of the server.", () =>
  run(async () => {
    const { fetcher, tally } = await fetcherFor((_, response) => void response.end());
    const broken = () => {
      throw new TypeError("a fault of this program");
    };
    const [outcome] = await gather([fetcher.get("/", broken)], { returnExceptions: true });
    expect([String(outcome), tally.requests]).toEqual(["TypeError: a fault of this program", 1]);
  }));
