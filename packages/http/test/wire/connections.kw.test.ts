import type { IncomingMessage, ServerResponse } from "node:http";
import { type Socket, createServer } from "node:net";
import { HttpClient } from "@tsyncio/http";
import { CancelledError, type Task, createTask, gather, run, sleep } from "tsyncio";
import { describe, expect, test } from "vitest";
import { nodeProgram } from "../../../../conformance/node-program.ts";
import { thrownBy } from "../../../../conformance/thrown-by.ts";
import { RawServer } from "../raw-server.ts";
import { type Web, withServer } from "../with-server.ts";

/** Answers `/` at once and `/held` when it is let go. */
class Holding {
  readonly #held: ServerResponse[] = [];
  readonly handler = (request: IncomingMessage, response: ServerResponse): void => {
    if (request.url === "/held") this.#held.push(response);
    else response.end(request.url);
  };

  get count(): number {
    return this.#held.length;
  }

  letGo(): void {
    this.#held.shift()?.end("held");
  }
}

async function until(condition: () => boolean) {
  while (!condition()) await sleep(1);
}

function holding(body: (web: Web & { readonly held: Holding }) => unknown, connectionsPerOrigin?: number) {
  const held = new Holding();
  return withServer(held.handler, async (web: Web) => void (await body({ ...web, held })), { connectionsPerOrigin });
}

describe("connections", () => {
  test("are used again", () =>
    holding(async ({ client, server, origin }) => {
      for (let i = 0; i < 10; i++) await client.get("/");
      expect(server.connections).toBe(1);
      expect(client.statistics()[origin]).toMatchObject({ sockets: 1, inFlight: 0, waiting: 0 });
    }));

  test("are opened as they are needed, up to the limit; the rest waits in line", () =>
    holding(async ({ client, server, origin, held, log }) => {
      const get = async (i: number) => {
        await client.get("/held");
        log.push(i);
      };
      const tasks = [0, 1, 2, 3, 4].map((i) => createTask(get(i)));
      await until(() => held.count === 2);
      await sleep(10);
      expect([server.connections, held.count]).toEqual([2, 2]);
      expect(client.statistics()[origin]).toMatchObject({ sockets: 2, inFlight: 2, waiting: 3 });
      for (let i = 0; i < 5; i++) {
        await until(() => held.count > 0);
        held.letGo();
        await tasks[i];
      }
      expect(log).toEqual([0, 1, 2, 3, 4]);
      expect(server.connections).toBe(2);
    }, 2));

  test("go to those in line before those who come later", () =>
    holding(async ({ client, held, log }) => {
      const first = createTask(client.get("/held"));
      await until(() => held.count === 1);
      const get = async (name: string) => {
        await client.get("/");
        log.push(name);
      };
      const early = createTask(get("early"));
      await sleep(5);
      held.letGo();
      await first;
      await gather(early, get("late"));
      expect(log).toEqual(["early", "late"]);
    }, 1));

  test("pass by those who have left the line", () =>
    holding(async ({ client, held, server }) => {
      const first = createTask(client.get("/held"));
      await until(() => held.count === 1);
      const [leaves, stays] = [createTask(client.get("/a")), createTask(client.get("/b"))];
      await sleep(2);
      leaves.cancel();
      expect(await thrownBy(leaves)).toBeInstanceOf(CancelledError);
      held.letGo();
      await gather(first, stays);
      expect(server.seen).toEqual(["GET /held", "GET /b"]);
    }, 1));

  test("that are granted to one that is cancelled in the same moment go to the next", () =>
    holding(async ({ client, held, origin }) => {
      const first = createTask(client.get("/held"));
      await until(() => held.count === 1);
      const line: Task[] = Array.from({ length: 20 }, (_, i) => createTask(client.get(`/${i}`)));
      // Whoever has the connection now has it by a grant of this or the last iteration.
      const cancelling = createTask(
        (async () => {
          for (let i = 0; i < 18; i++) {
            await until(() => line[i].done() || client.statistics()[origin].waiting < 20 - i);
            line[i].cancel();
          }
        })(),
      );
      await sleep(2);
      held.letGo();
      await gather(first, line[18], line[19], cancelling);
      expect(client.statistics()[origin]).toMatchObject({ inFlight: 0, waiting: 0 });
    }, 1));

  test("serve several loops, one after the other", async () => {
    const held = new Holding();
    await withServer(held.handler, async ({ client, server }) => {
      for (let i = 0; i < 3; i++) await new Promise((done) => void run(() => client.get("/")).then(done));
      expect(server.connections).toBe(1);
    });
  });

  test("of a stream that nobody reads are closed with its loop", () =>
    withServer(
      (_request, response) => response.writeHead(200).flushHeaders(),
      async ({ client, server }) => {
        await new Promise((done) => void run(() => client.stream("GET", "/")).then(done));
        await until(() => server.open === 0);
        expect(client.statistics()[server.origin]).toMatchObject({ sockets: 0, inFlight: 0 });
      },
    ));

  test("that take what they cannot send do so once", () =>
    holding(async ({ client, server }) => {
      await client.get("/");
      const error = await thrownBy(client.post("/", { body: "x", headers: { "content-length": "7" }, retry: false }));
      expect(error).toMatchObject({ code: "TSYNCIO_HTTP_PROTOCOL" });
      expect(server.seen).toEqual(["GET /"]);
    }));

  test("of a client that is closed are closed when what is in flight has ended, and nothing begins any more", () =>
    holding(async ({ client, held, origin, log }) => {
      const stream = await client.stream("GET", "/");
      const last = createTask(client.get("/held"));
      await until(() => held.count === 1);
      const closing = createTask(
        (async () => {
          await client.close();
          log.push("closed");
        })(),
      );
      await sleep(5);
      expect(() => client.statistics()).not.toThrow();
      expect(String(await thrownBy(client.get("/")))).toBe(`RuntimeError: Cannot GET ${origin}: the client is closed`);
      held.letGo();
      log.push((await last).text(), await stream.text());
      await closing;
      expect(log).toEqual(["held", "/", "closed"]);
      expect(client.statistics()[origin]).toMatchObject({ sockets: 0 });
      await client.close();
    }));

  test("of a client that is aborted are closed at once, and everything on them fails", () =>
    holding(async ({ client, held, origin, server }) => {
      const on = createTask(client.get("/held"));
      const waiting = createTask(client.get("/"));
      await until(() => held.count === 1);
      client.abort();
      expect(await thrownBy(on)).toMatchObject({ code: "TSYNCIO_HTTP_CONNECTION" });
      expect(await thrownBy(waiting)).toMatchObject({
        code: "TSYNCIO_HTTP_CONNECT",
        message: `Cannot GET ${origin}/: the client was aborted`,
      });
      await until(() => server.open === 0);
    }, 1));
});

test.each([0, -1, 1.5, NaN])("a limit of %s connections is refused", (connectionsPerOrigin) => {
  expect(() => new HttpClient({ connectionsPerOrigin })).toThrow(RangeError);
});

/** A request in one stage of its life: it is cancelled there, and the server hears of it at once. */
const STAGES: [
  name: string,
  answer: (socket: Socket) => unknown,
  request: (client: HttpClient) => PromiseLike<unknown>,
][] = [
  ["the headers", () => {}, (client) => client.get("/")],
  [
    "the body, whole",
    (socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"),
    (client) => client.get("/"),
  ],
  [
    "its encoded body",
    (socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 9\r\n\r\nhalf"),
    (client) => client.get("/"),
  ],
  [
    "the next part of a stream",
    (socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"),
    async (client) => {
      await using response = await client.stream("GET", "/");
      for await (const part of response) expect(Buffer.from(part).toString()).toBe("half");
    },
  ],
  [
    "room for its body",
    (socket) => setTimeout(() => socket.resume(), 30) && socket.pause(),
    (client) => client.post("/", { body: Buffer.alloc(50_000_000) }),
  ],
  [
    "what it has to send",
    () => {},
    (client) =>
      client.post("/", {
        body: (async function* () {
          yield "begin";
          await sleep("1h");
        })(),
      }),
  ],
  [
    "another attempt",
    (socket) => socket.end("HTTP/1.1 503 Busy\r\ncontent-length: 0\r\nretry-after: 60\r\n\r\n"),
    (client) => client.get("/"),
  ],
];

describe("a request that is cancelled while it waits for", () => {
  test.each(STAGES)("%s is closed on the wire at once", (_name, answer, request) =>
    nodeProgram(async () => {
      const server = new RawServer(answer);
      await server.listen();
      const client = new HttpClient({ baseUrl: server.origin, learnLimits: false });
      for (let turn = 0; turn < 3; turn++) {
        const task = createTask((async () => void (await request(client)))());
        await until(() => server.requests > turn);
        await sleep(5);
        task.cancel();
        expect(await thrownBy(task)).toBeInstanceOf(CancelledError);
        await until(() => server.open === 0);
        expect(client.statistics()[server.origin]).toMatchObject({ inFlight: 0, waiting: 0 });
      }
      await client.close();
      await server.close();
    }),
  );

  test("its connection has its socket closed at once", () =>
    nodeProgram(async () => {
      // It says nothing: who connects with TLS waits for its hello.
      const sockets = new Set<Socket>();
      const server = createServer((socket) => {
        sockets.add(socket);
        socket
          .on("error", () => {})
          .on("close", () => sockets.delete(socket))
          .resume();
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as { port: number };
      const client = new HttpClient();
      const task = createTask(client.get(`https://127.0.0.1:${port}/`));
      await until(() => sockets.size === 1);
      task.cancel();
      expect(await thrownBy(task)).toBeInstanceOf(CancelledError);
      await until(() => sockets.size === 0);
      expect(
        await thrownBy(client.get(`https://127.0.0.1:${port}/`, { timeout: { connect: 30 }, retry: false })),
      ).toMatchObject({
        code: "TSYNCIO_HTTP_TIMEOUT",
        phase: "connect",
      });
      await until(() => sockets.size === 0);
      await client.close();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    }));
});
