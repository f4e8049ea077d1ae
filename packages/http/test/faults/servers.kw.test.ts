import type { Socket } from "node:net";
import { type Awaitable, allTasks, sleep } from "tsyncio";
import {
  HttpClient,
  HttpConnectionError,
  HttpError,
  HttpProtocolError,
  type HttpResponse,
  HttpTimeoutError,
} from "@tsyncio/http";
import { describe, expect, test } from "vitest";
import { nodeProgram } from "../../../../conformance/node-program.ts";
import { errorOf } from "../../../../conformance/program.ts";
import { RawServer } from "../raw-server.ts";

/** Runs a program against a server that says this, with a client that does not ask again. */
function against(
  answer: (socket: Socket, server: RawServer) => void,
  program: (client: HttpClient, server: RawServer) => Awaitable<void>,
): Promise<void> {
  return nodeProgram(async () => {
    const server = new RawServer(answer);
    await server.listen();
    const client = new HttpClient({ baseUrl: server.origin, retry: false });
    try {
      await program(client, server);
      await client.close();
      expect(allTasks().size).toBe(1);
    } finally {
      client.abort();
      await server.close();
    }
  }) as Promise<void>;
}

const says = (text: string) => (socket: Socket) => void socket.write(text);
const saysAndEnds = (text: string) => (socket: Socket) => void socket.end(text);

/** What comes of the same request, whole and streamed. */
async function bothWays(client: HttpClient, method = "GET"): Promise<[whole: unknown, streamed: unknown]> {
  const whole = await errorOf(client.request(method, "/"));
  const streamed = await errorOf(
    (async () => {
      await using response = await client.stream(method, "/");
      await response.bytes();
    })(),
  );
  return [whole, streamed];
}

describe("what is not HTTP", () => {
  test.each([
    ["a status that is none", "HTTP/1.1 2OO OK\r\n\r\n"],
    ["a header without a name", "HTTP/1.1 200 OK\r\n: x\r\n\r\n"],
    ["a length that is none", "HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\nab"],
    [
      "a chunk that is longer than it says",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nabcdef\r\n0\r\n\r\n",
    ],
  ])("%s, is an error of the protocol, and the connection is closed", (_, text) =>
    against(says(text), async (client, server) => {
      for (const error of await bothWays(client)) {
        expect(error).toBeInstanceOf(HttpProtocolError);
        expect(error).toMatchObject({ code: "TSYNCIO_HTTP_PROTOCOL", retryable: false, url: `${server.origin}/` });
        expect((error as Error).cause).toBeInstanceOf(Error);
      }
      while (server.open > 0) await sleep(1);
    }),
  );
});

describe("what is said twice of a length", () => {
  test.each([
    ["two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab"],
    [
      "a length and chunks",
      "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    ],
  ])("%s, is an error, and the connection is closed", (_, text) =>
    against(says(text), async (client, server) => {
      for (const error of await bothWays(client)) expect(error).toBeInstanceOf(HttpError);
      while (server.open > 0) await sleep(1);
    }),
  );
});

describe("a connection that ends too early", () => {
  test.each([
    ["in the middle of the status", "HTTP/1.1 20"],
    ["before the last chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n"],
    ["after what goes before an answer", "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"],
  ])("%s, is an error that another attempt may mend", (_, text) =>
    against(saysAndEnds(text), async (client) => {
      for (const error of await bothWays(client)) {
        expect(error).toBeInstanceOf(HttpConnectionError);
        expect((error as HttpError).retryable).toBe(true);
      }
    }),
  );

  test("is the end of a body that has neither length nor chunks", () =>
    against(saysAndEnds("HTTP/1.1 200 OK\r\n\r\nabc"), async (client) => {
      expect((await client.get("/")).text()).toBe("abc");
      expect(await (await client.stream("GET", "/")).text()).toBe("abc");
    }));

  test("reset, is the same error", () =>
    against(
      (socket) => void socket.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc", () => socket.resetAndDestroy()),
      async (client) => {
        for (const error of await bothWays(client)) expect(error).toBeInstanceOf(HttpConnectionError);
      },
    ));

  test("is not taken for an answer that has been given before on the same connection", () =>
    against(
      (socket, { requests }) =>
        requests === 1 ? void socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok") : void socket.end(),
      async (client, server) => {
        expect((await client.get("/")).text()).toBe("ok");
        expect(await errorOf(client.get("/"))).toBeInstanceOf(HttpConnectionError);
        expect(server.connections).toBe(1);
      },
    ));
});

describe("what is unusual and allowed", () => {
  const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
  const NONE = "HTTP/1.1 204 No Content\r\n\r\n";

  test.each([
    [
      "hints before the answer",
      `HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n${OK}`,
      "ok",
    ],
    ["no reason", "HTTP/1.1 200 \r\ncontent-length: 2\r\n\r\nok", "ok"],
    [
      "trailers",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x\r\n\r\n2\r\nok\r\n0\r\nx: y\r\n\r\n",
      "ok",
    ],
    ["extensions of chunks", 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2;a="b"\r\nok\r\n0\r\n\r\n', "ok"],
    ["nothing", NONE, ""],
    ["a body of nothing", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", ""],
  ])("%s", (_, text, body) =>
    against(says(text), async (client, server) => {
      for (let i = 0; i < 2; i++) {
        expect((await client.get("/")).text()).toBe(body);
        await using response = await client.stream("GET", "/");
        expect(await response.text()).toBe(body);
      }
      expect(server.connections).toBe(1);
    }),
  );

  test("HTTP/1.0, whose connections end", () =>
    against(saysAndEnds("HTTP/1.0 200 OK\r\n\r\nok"), async (client, server) => {
      expect((await client.get("/")).text()).toBe("ok");
      expect((await client.get("/")).text()).toBe("ok");
      expect(server.connections).toBe(2);
    }));

  test("a length for HEAD, which has no body", () =>
    against(says("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\ncontent-encoding: gzip\r\n\r\n"), async (client) => {
      for (let i = 0; i < 2; i++) {
        const response = await client.head("/");
        expect([response.bytes.length, response.headers.get("content-length")]).toEqual([0, "1000"]);
      }
    }));

  test("headers of bytes that are no ASCII", () =>
    against(
      (socket) => void socket.write(Buffer.from("HTTP/1.1 200 OK\r\nx: \xe9\r\ncontent-length: 0\r\n\r\n", "latin1")),
      async (client) => expect((await client.get("/")).headers.get("x")).toBe("\xe9"),
    ));
});

describe("what comes unasked", () => {
  test("behind an answer, closes the connection, and is nobody's answer", () =>
    against(
      says("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil"),
      async (client) => {
        const results: unknown[] = [];
        for (let i = 0; i < 3; i++) {
          results.push(
            await client.get("/").then(
              (response: HttpResponse) => response.text(),
              (error: unknown) => error,
            ),
          );
        }
        // What comes in time breaks the connection; it never is the answer.
        expect(results.filter((result) => result !== "ok" && !(result instanceof HttpError))).toEqual([]);
      },
    ));

  test("a change of protocol is an error", () =>
    against(
      says("HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n"),
      async (client) => {
        for (const error of await bothWays(client)) expect(error).toBeInstanceOf(HttpConnectionError);
      },
    ));
});

test("headers that come a character at a time do not outlive the time limit for them", () =>
  against(
    (socket) => {
      const timer = setInterval(() => socket.write("x"), 10);
      socket.write("HTTP/1.1 200 OK\r\nx: ");
      socket.on("close", () => clearInterval(timer));
    },
    async (client, server) => {
      const error = await errorOf(client.get("/", { timeout: { headers: 100 } }));
      expect(error).toBeInstanceOf(HttpTimeoutError);
      expect(error).toMatchObject({ phase: "headers" });
      while (server.open > 0) await sleep(1);
    },
  ));
