import {
  type Http2SecureServer,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  createSecureServer,
} from "node:http2";
import type { AddressInfo } from "node:net";
import { type Awaitable, CancelledError, allTasks, createTask, gather, sleep } from "tsyncio";
import { HttpClient, HttpConnectionError, HttpError, HttpTimeoutError } from "@tsyncio/http";
import { expect, test } from "vitest";
import { nodeProgram } from "../../../../conformance/node-program.ts";
import { errorOf } from "../../../../conformance/program.ts";
import { ca, identity } from "../../../../test/tls/certificates.ts";

/** A server of Node's own HTTP/2. */
interface Server {
  readonly origin: string;
  readonly sessions: Set<ServerHttp2Session>;
  readonly streams: Set<ServerHttp2Stream>;
  /** How many connections there were. */
  connections: number;
}

function against(
  answer: (stream: ServerHttp2Stream, path: string) => void,
  program: (client: HttpClient, server: Server) => Awaitable<void>,
): Promise<void> {
  return nodeProgram(async () => {
    const http2: Http2SecureServer = createSecureServer(identity());
    await new Promise<void>((listening) => http2.listen(0, "127.0.0.1", listening));
    const { port } = http2.address() as AddressInfo;
    const server: Server = {
      origin: `https://localhost:${port}`,
      sessions: new Set(),
      streams: new Set(),
      connections: 0,
    };
    http2.on("session", (session) => {
      server.connections++;
      server.sessions.add(session);
      session.on("error", () => {}).on("close", () => server.sessions.delete(session));
    });
    http2.on("stream", (stream, headers) => {
      server.streams.add(stream);
      stream.on("error", () => {}).on("close", () => server.streams.delete(stream));
      answer(stream, String(headers[":path"]));
    });
    const client = new HttpClient({ baseUrl: server.origin, http2: true, tls: { ca }, retry: false });
    try {
      await program(client, server);
      await client.close();
      expect(allTasks().size).toBe(1);
    } finally {
      client.abort();
      for (const session of server.sessions) session.destroy();
      await new Promise<void>((closed) => http2.close(() => closed()));
    }
  }) as Promise<void>;
}

const whole = (stream: ServerHttp2Stream, path: string): void => {
  stream.respond({ ":status": 200 });
  stream.end(path);
};

test("many requests share a connection", () =>
  against(whole, async (client, server) => {
    const answers = await gather(Array.from({ length: 50 }, (_, i) => client.get(`/${i}`)));
    expect(answers.map((answer) => answer.text())).toEqual(Array.from({ length: 50 }, (_, i) => `/${i}`));
    expect(server.connections).toBe(1);
  }));

test("a request that is cancelled resets its stream, and the others go on", () =>
  against(
    (stream, path) => {
      if (path === "/never") return;
      setTimeout(() => whole(stream, path), 30);
    },
    async (client, server) => {
      await client.get("/first");
      const other = createTask(client.get("/other"));
      const never = createTask(client.get("/never"));
      while (server.streams.size < 2) await sleep(1);
      never.cancel();
      expect(await errorOf(never)).toBeInstanceOf(CancelledError);
      expect((await other).text()).toBe("/other");
      while (server.streams.size > 0) await sleep(1);
      expect((await client.get("/last")).text()).toBe("/last");
      expect(server.connections).toBe(1);
    },
  ));

test("a body that is left resets its stream, and the connection goes on", () =>
  against(
    (stream) => {
      stream.respond({ ":status": 200, "content-type": "text/event-stream" });
      stream.write("data: x\n\n");
    },
    async (client, server) => {
      for (let i = 0; i < 3; i++) {
        for await (const { data } of client.events("/")) {
          expect(data).toBe("x");
          break;
        }
        while (server.streams.size > 0) await sleep(1);
      }
      expect(server.connections).toBe(1);
    },
  ));

test("a stream that the server resets is an error, whole and streamed", () =>
  against(
    (stream, path) => {
      stream.respond({ ":status": 200 });
      stream.write("half");
      setTimeout(() => stream.destroy(new Error("unwell")), path === "/early" ? 0 : 20);
    },
    async (client) => {
      for (const path of ["/early", "/late"]) {
        expect(await errorOf(client.get(path))).toBeInstanceOf(HttpConnectionError);
        const streamed = async () => {
          await using response = await client.stream("GET", path);
          await response.bytes();
        };
        expect(await errorOf(streamed())).toBeInstanceOf(HttpConnectionError);
      }
    },
  ));

test("a connection that breaks is an error for all on it, and the next request has another", () =>
  against(
    (stream, path) => {
      if (path !== "/waits") whole(stream, path);
    },
    async (client, server) => {
      await client.get("/first");
      const waiting = Array.from({ length: 5 }, () => createTask(client.get("/waits")));
      while (server.streams.size < 5) await sleep(1);
      for (const session of server.sessions) session.destroy();
      const errors = await gather(waiting, { returnExceptions: true });
      for (const error of errors) expect(error).toBeInstanceOf(HttpError);
      expect((await client.get("/last")).text()).toBe("/last");
      expect(server.connections).toBe(2);
    },
  ));

test("a server that goes away (GOAWAY) is an error for what it has, and another attempt has another connection", () =>
  against(
    (stream, path) => {
      if (path === "/goes") stream.session!.goaway();
      else whole(stream, path);
    },
    async (client, server) => {
      expect(await errorOf(client.get("/goes"))).toMatchObject({ name: HttpConnectionError.name, retryable: true });
      expect((await client.get("/next")).text()).toBe("/next");
      expect(server.connections).toBe(2);
    },
  ));

test("time limits reset the stream", () =>
  against(
    () => {},
    async (client, server) => {
      const error = await errorOf(client.get("/", { timeout: { headers: 50 } }));
      expect(error).toBeInstanceOf(HttpTimeoutError);
      while (server.streams.size > 0) await sleep(1);
      expect(server.sessions.size).toBe(1);
    },
  ));

test("uploads in parts are sent, and stop when the request is cancelled", () =>
  against(
    (stream, path) => {
      if (path === "/never") return void stream.resume();
      stream.respond({ ":status": 200 });
      stream.pipe(stream);
    },
    async (client, server) => {
      expect((await client.post("/", { body: ["one ", "two"] })).text()).toBe("one two");
      const log: string[] = [];
      async function* endless() {
        try {
          for (;;) {
            yield "part";
            await sleep(1);
          }
        } finally {
          log.push("closed");
        }
      }
      const sending = createTask(client.post("/never", { body: endless() }));
      while (server.streams.size === 0) await sleep(1);
      sending.cancel();
      expect(await errorOf(sending)).toBeInstanceOf(CancelledError);
      expect(log).toEqual(["closed"]);
      while (server.streams.size > 0) await sleep(1);
    },
  ));
