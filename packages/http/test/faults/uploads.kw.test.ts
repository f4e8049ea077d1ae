import { Readable } from "node:stream";
import { CancelledError, createTask, sleep } from "tsyncio";
import { HttpStatusError, HttpTimeoutError, Multipart } from "@tsyncio/http";
import { describe, expect, test } from "vitest";
import { errorOf } from "../../../../conformance/program.ts";
import { bodyOf } from "../counting-server.ts";
import { withServer } from "../with-server.ts";

/** Parts that come so many milliseconds apart. */
async function* slowly(parts: readonly string[], ms: number, log: string[] = []) {
  try {
    for (const part of parts) {
      await sleep(ms);
      yield part;
    }
  } finally {
    log.push("closed");
  }
}

/** A stream of Node's that stands still after its first part. */
function stalled(): Readable {
  const stream = new Readable({ read() {} });
  stream.push("begin");
  return stream;
}

describe("a source that stands still is left, and closed,", () => {
  test("when the request is cancelled: a stream of Node's", () =>
    withServer(
      () => {},
      async ({ client, server }) => {
        const source = stalled();
        const asking = createTask(client.post("/", { body: source }));
        while (server.seen.length === 0) await sleep(1);
        asking.cancel();
        expect(await errorOf(asking)).toBeInstanceOf(CancelledError);
        expect(source.destroyed).toBe(true);
      },
    ));

  test("when the request is cancelled: a stream that is one of several parts", () =>
    withServer(
      () => {},
      async ({ client, server }) => {
        const source = stalled();
        const multipart = new Multipart().add("a", "1").add("b", () => source);
        const asking = createTask(client.post("/", { multipart }));
        while (server.seen.length === 0) await sleep(1);
        await sleep(20);
        asking.cancel();
        expect(await errorOf(asking)).toBeInstanceOf(CancelledError);
        expect(source.destroyed).toBe(true);
      },
    ));

  test("when the request is cancelled: a native generator, which is told and not waited for", () =>
    withServer(
      () => {},
      async ({ client, server }) => {
        const log: string[] = [];
        const steps: Promise<IteratorResult<string>>[] = [Promise.resolve({ done: false, value: "begin" })];
        const source: AsyncIterable<string> = {
          [Symbol.asyncIterator]: () => ({
            next: () => steps.pop() ?? new Promise<never>(() => {}),
            return: () => {
              log.push("told");
              return new Promise<never>(() => {});
            },
          }),
        };
        const asking = createTask(client.post("/", { body: source }));
        while (server.seen.length === 0) await sleep(1);
        asking.cancel();
        expect(await errorOf(asking)).toBeInstanceOf(CancelledError);
        expect(log).toEqual(["told"]);
      },
    ));

  test("when the request is cancelled: one of ours, whose end is waited for", () =>
    withServer(
      () => {},
      async ({ client, server }) => {
        const log: string[] = [];
        const asking = createTask(client.post("/", { body: slowly(["one", "two"], 20, log) }));
        while (server.seen.length === 0) await sleep(1);
        asking.cancel();
        expect(await errorOf(asking)).toBeInstanceOf(CancelledError);
        expect(log).toEqual(["closed"]);
      },
    ));

  test("when the server answers without waiting for the rest", () =>
    withServer(
      (_, response) => void response.writeHead(413).end("too much"),
      async ({ client }) => {
        const source = stalled();
        const error = await errorOf(client.post("/", { body: source }));
        expect(error).toBeInstanceOf(HttpStatusError);
        expect(error).toMatchObject({ status: 413, body: "too much" });
        expect(source.destroyed).toBe(true);
      },
    ));
});

describe("the time limit for headers", () => {
  test("leaves a body that is slow to come its time", () =>
    withServer(
      (request, response) => void bodyOf(request).then((body) => response.end(body)),
      async ({ client }) => {
        const body = slowly(["a", "b", "c", "d", "e", "f"], 60);
        expect((await client.post("/", { body, timeout: { headers: 200 } })).text()).toBe("abcdef");
      },
    ));

  test("holds for a server that does not take the body", () =>
    withServer(
      (request) => void request.pause(),
      async ({ client }) => {
        const log: string[] = [];
        async function* endless() {
          try {
            for (;;) yield Buffer.alloc(65_536);
          } finally {
            log.push("closed");
          }
        }
        const error = await errorOf(client.post("/", { body: endless(), timeout: { headers: 100 } }));
        expect(error).toBeInstanceOf(HttpTimeoutError);
        expect(error).toMatchObject({ phase: "headers" });
        expect(log).toEqual(["closed"]);
      },
    ));

  test("holds for a server that has taken the body and does not answer", () =>
    withServer(
      (request) => void request.resume(),
      async ({ client }) => {
        const error = await errorOf(client.post("/", { body: ["one", "two"], timeout: { headers: 50 } }));
        expect(error).toMatchObject({ phase: "headers" });
      },
    ));
});

test("what the source throws is thrown, and the connection is closed", () =>
  withServer(
    () => {},
    async ({ client, server }) => {
      async function* failing() {
        yield "begin";
        while (server.seen.length === 0) await sleep(1);
        throw new RangeError("no more");
      }
      expect(await errorOf(client.post("/", { body: failing() }))).toEqual(new RangeError("no more"));
      while (server.open > 0) await sleep(1);
    },
  ));
