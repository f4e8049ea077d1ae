import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { HttpClient, type HttpError, type RequestOptions } from "@tsyncio/http";
import { sleep } from "tsyncio";
import { describe, expect, test } from "vitest";
import { nodeProgram } from "../../../../conformance/node-program.ts";
import { thrownBy } from "../../../../conformance/thrown-by.ts";
import { RawServer } from "../raw-server.ts";

const ONCE: RequestOptions = { retry: false };
const head = (lines: string) => `HTTP/1.1 200 OK\r\n${lines}\r\n\r\n`;

/** Runs a test with a client and a server that answers like this. Nothing may be left of either. */
function served(
  answer: (socket: Socket, server: RawServer) => unknown,
  body: (client: HttpClient, server: RawServer) => unknown,
) {
  return nodeProgram(async () => {
    const server = new RawServer(answer);
    await server.listen();
    const client = new HttpClient({ baseUrl: server.origin });
    try {
      await body(client, server);
      await client.close();
      expect(client.statistics()[server.origin]).toMatchObject({ sockets: 0, inFlight: 0, waiting: 0 });
    } finally {
      client.abort();
      await server.close();
    }
  });
}

/** What a GET throws, whole and streamed. */
async function failures(client: HttpClient, options: RequestOptions = ONCE): Promise<HttpError[]> {
  const whole = await thrownBy(client.get("/", options));
  const streamed = await thrownBy(
    (async () => {
      await using response = await client.stream("GET", "/", options);
      await response.bytes();
    })(),
  );
  return [whole, streamed] as HttpError[];
}

const CASES: [name: string, answer: (socket: Socket) => unknown, expected: object][] = [
  [
    "resets the connection",
    (socket) => socket.resetAndDestroy(),
    { code: "TSYNCIO_HTTP_CONNECTION", status: null, retryable: true },
  ],
  [
    "closes without a word",
    (socket) => socket.end(),
    { code: "TSYNCIO_HTTP_CONNECTION", status: null, retryable: true },
  ],
  [
    "closes in the headers",
    (socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-"),
    { code: "TSYNCIO_HTTP_CONNECTION", retryable: true },
  ],
  [
    "is no HTTP",
    (socket) => socket.end("220 smtp.example ESMTP\r\n"),
    { code: "TSYNCIO_HTTP_PROTOCOL", retryable: false },
  ],
  [
    "sends a body that is too short",
    (socket) => socket.end(`${head("content-length: 10")}short`),
    { code: "TSYNCIO_HTTP_CONNECTION", status: 200, retryable: true },
  ],
  [
    "sends half of a chunk",
    (socket) => socket.end(`${head("transfer-encoding: chunked")}a\r\nhalf`),
    { code: "TSYNCIO_HTTP_CONNECTION", status: 200, retryable: true },
  ],
  [
    "sends garbage for a chunk",
    (socket) => socket.end(`${head("transfer-encoding: chunked")}zz\r\nhalf`),
    { code: "TSYNCIO_HTTP_PROTOCOL", status: 200 },
  ],
  [
    "sends headers without an end",
    (socket) => socket.write(`HTTP/1.1 200 OK\r\n${`x-long: ${"x".repeat(1_000)}\r\n`.repeat(40)}`),
    { code: "TSYNCIO_HTTP_PROTOCOL", message: expect.stringContaining("headers of the answer are larger") },
  ],
  [
    "says gzip and sends none",
    (socket) => socket.end(`${head("content-encoding: gzip\r\ncontent-length: 7")}no gzip`),
    {
      code: "TSYNCIO_HTTP_PROTOCOL",
      status: 200,
      message: expect.stringContaining("the body is not gzip, as it says"),
    },
  ],
  [
    "cuts off its gzip",
    (socket) =>
      socket.end(
        Buffer.concat([Buffer.from(head("content-encoding: gzip")), gzipSync("x".repeat(99)).subarray(0, -9)]),
      ),
    { code: "TSYNCIO_HTTP_PROTOCOL", status: 200 },
  ],
  [
    "sends a status of 100 without an end",
    (socket) => socket.end("HTTP/1.1 100 Continue\r\n\r\n"),
    { code: "TSYNCIO_HTTP_CONNECTION" },
  ],
];

describe("a server that", () => {
  test.each(CASES)("%s is an error of the family", (_name, answer, expected) =>
    served(answer, async (client, server) => {
      for (const error of await failures(client)) {
        expect(error).toMatchObject({ method: "GET", attempt: 1, url: `${server.origin}/`, ...expected });
        expect(error.message).toContain(`Cannot GET ${server.origin}/: `);
      }
      while (server.open > 0) await sleep(1);
    }),
  );

  test("never answers is a time limit for the headers, and its connection is closed", () =>
    served(
      () => {},
      async (client, server) => {
        for (const error of await failures(client, { retry: false, timeout: { headers: 20 } }))
          expect(error).toMatchObject({ code: "TSYNCIO_HTTP_TIMEOUT", phase: "headers", status: null });
        while (server.open > 0) await sleep(1);
      },
    ));

  test("stops in the midst of a body is a time limit between its parts", () =>
    served(
      (socket) => socket.write(`${head("content-length: 10")}some`),
      async (client, server) => {
        for (const error of await failures(client, { retry: false, timeout: { body: 20 } }))
          expect(error).toMatchObject({ code: "TSYNCIO_HTTP_TIMEOUT", phase: "body", status: 200 });
        while (server.open > 0) await sleep(1);
      },
    ));

  test("drips is let be as long as something comes, but for the limit of the whole", () =>
    served(
      (socket) => {
        socket.write(head("content-length: 8"));
        let sent = 0;
        const timer = setInterval(() => {
          socket.write("x");
          if (++sent === 8) clearInterval(timer);
        }, 15);
        socket.on("close", () => clearInterval(timer));
      },
      async (client) => {
        expect((await client.get("/", { timeout: { body: 2_000 } })).text()).toBe("xxxxxxxx");
        expect(await thrownBy(client.get("/", { timeout: 40 }))).toMatchObject({
          code: "TSYNCIO_HTTP_TIMEOUT",
          phase: "total",
          message: expect.stringContaining("no answer within 40 ms in all"),
        });
      },
    ));

  test("sends what is only information before its answer is heard out", () =>
    served(
      (socket) => socket.write(`HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n${head("content-length: 2")}ok`),
      async (client) => {
        const response = await client.get("/");
        expect([response.status, response.text(), response.headers.has("link")]).toEqual([200, "ok", false]);
      },
    ));

  test("sends a body with 204 is not believed, and its connection is not used again", () =>
    served(
      (socket) => socket.write("HTTP/1.1 204 No Content\r\n\r\nbody"),
      async (client, server) => {
        expect((await client.get("/")).bytes.length).toBe(0);
        expect((await client.get("/")).bytes.length).toBe(0);
        expect(server.connections).toBe(2);
      },
    ));

  test("ends its body with the connection is understood", () =>
    served(
      (socket) => socket.end(`${head("connection: close")}to the end`),
      async (client) => expect((await client.get("/")).text()).toBe("to the end"),
    ));

  test("closes a connection at rest costs nobody a request", () =>
    served(
      (socket) => {
        socket.write(`${head("content-length: 2")}ok`);
        setTimeout(() => socket.end(), 5);
      },
      async (client, server) => {
        for (let i = 0; i < 5; i++) {
          expect((await client.get("/", ONCE)).text()).toBe("ok");
          await sleep(20);
        }
        expect(server.connections).toBe(5);
      },
    ));

  test("fails once is asked again, and the answer says how often", () =>
    served(
      (socket, { requests }) => (requests === 1 ? socket.destroy() : socket.write(`${head("content-length: 2")}ok`)),
      async (client, server) => {
        expect((await client.get("/", { retry: { delay: { initial: 1 } } })).attempts).toBe(2);
        expect(server.requests).toBe(2);
      },
    ));

  test("always fails is asked three times, and the error is of the third", () =>
    served(
      (socket) => socket.destroy(),
      async (client, server) => {
        const error = await thrownBy(client.get("/", { retry: { delay: { initial: 1 } } }));
        expect(error).toMatchObject({ code: "TSYNCIO_HTTP_CONNECTION", attempt: 3 });
        expect(server.requests).toBe(3);
        // A POST may have been done.
        await thrownBy(client.post("/", { json: 1 }));
        expect(server.requests).toBe(4);
      },
    ));
});

describe("the size of a body", () => {
  const BOMB = gzipSync(Buffer.alloc(20_000_000));

  test("may be what it is limited to, and no more", () =>
    served(
      (socket) => socket.end(`${head("content-length: 10")}0123456789`),
      async (client) => {
        expect((await client.get("/", { maxBodySize: 10 })).bytes.length).toBe(10);
        for (const error of await failures(client, { ...ONCE, maxBodySize: 9 }))
          expect(error).toMatchObject({ code: "TSYNCIO_HTTP_BODY_TOO_LARGE", status: 200, retryable: false });
      },
    ));

  test("counts decoded", () =>
    served(
      (socket) =>
        socket.end(
          Buffer.concat([Buffer.from(head(`content-encoding: gzip\r\ncontent-length: ${BOMB.length}`)), BOMB]),
        ),
      async (client) => {
        for (const error of await failures(client, { ...ONCE, maxBodySize: 1_000_000 }))
          expect(error).toMatchObject({ code: "TSYNCIO_HTTP_BODY_TOO_LARGE" });
        const { bytes } = await client.get("/", { decompress: false });
        expect(bytes.length).toBe(BOMB.length);
      },
    ));

  test("without end is limited", () =>
    served(
      (socket) => {
        const part = "x".repeat(10_000);
        socket.write(head("connection: close"));
        const more = () => {
          while (!socket.destroyed && socket.write(part));
        };
        socket.on("drain", more);
        more();
      },
      async (client, server) => {
        for (const error of await failures(client, { ...ONCE, maxBodySize: 1_000_000 }))
          expect(error).toMatchObject({ code: "TSYNCIO_HTTP_BODY_TOO_LARGE" });
        while (server.open > 0) await sleep(1);
      },
    ));
});

test("who cannot be connected to is an error, before anything is sent", () =>
  nodeProgram(async () => {
    await using client = new HttpClient({ retry: false });
    const error = await thrownBy(client.post("http://user:secret@127.0.0.1:1/x?api_key=secret", { json: 1 }));
    expect(error).toMatchObject({
      code: "TSYNCIO_HTTP_CONNECT",
      message: "Cannot POST http://127.0.0.1:1/x?api_key=***: connect ECONNREFUSED 127.0.0.1:1",
      retryable: true,
      cause: { code: "ECONNREFUSED" },
    });
    expect(JSON.stringify(error)).not.toContain("secret");
    expect(await thrownBy(client.get("http://nobody.invalid/"))).toMatchObject({ code: "TSYNCIO_HTTP_CONNECT" });
  }));
