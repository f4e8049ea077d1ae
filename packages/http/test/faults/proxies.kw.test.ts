import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, type Server, type Socket, connect, createServer } from "node:net";
import { type Awaitable, CancelledError, allTasks, createTask, sleep } from "tsyncio";
import { HttpClient, HttpConnectError, HttpConnectionError, HttpTimeoutError } from "@tsyncio/http";
import { describe, expect, test } from "vitest";
import { nodeProgram } from "../../../../conformance/node-program.ts";
import { errorOf } from "../../../../conformance/program.ts";
import { ca, identity } from "../../../../test/tls/certificates.ts";

const listening = (server: Server) =>
  new Promise<number>((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)),
  );

interface Through {
  readonly client: HttpClient;
  /** What is connected to the proxy. */
  readonly sockets: Set<Socket>;
  /** What the proxy was asked: its heads. */
  readonly asked: string[];
}

/**
 * Runs a program with a client whose requests go through a proxy to a server with TLS.
 *
 * @param answer what the proxy does with a client that has asked to connect to the port of that server.
 */
function through(
  answer: (socket: Socket, port: number) => void,
  program: (given: Through) => Awaitable<void>,
): Promise<void> {
  return nodeProgram(async () => {
    const sockets = new Set<Socket>();
    const asked: string[] = [];
    const server = createSecureServer(identity(), (request, response) => {
      if (request.url !== "/never") response.end(`you asked for ${request.url}`);
    });
    const port = await listening(server);
    const proxy = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => {}).on("close", () => sockets.delete(socket));
      socket.once("data", (head) => {
        asked.push(String(head));
        answer(socket, port);
      });
    });
    const client = new HttpClient({
      baseUrl: `https://localhost:${port}`,
      proxy: `http://me:secret@127.0.0.1:${await listening(proxy)}`,
      tls: { ca },
      retry: false,
    });
    try {
      await program({ client, sockets, asked });
      await client.close();
      expect(allTasks().size).toBe(1);
    } finally {
      client.abort();
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await new Promise<void>((closed) => server.close(() => closed()));
      await new Promise<void>((closed) => proxy.close(() => closed()));
    }
  }) as Promise<void>;
}

/** What a proxy is to do. */
function tunnelled(socket: Socket, port: number): void {
  const target = connect(port, "127.0.0.1");
  target.on("error", () => socket.destroy()).on("close", () => socket.destroy());
  socket.on("close", () => target.destroy());
  target.on("connect", () => {
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    socket.pipe(target).pipe(socket);
  });
}

const gone = async ({ sockets }: Through) => {
  while (sockets.size > 0) await sleep(1);
};

test("requests go through one tunnel, and the proxy learns who asks", () =>
  through(tunnelled, async ({ client, asked, sockets }) => {
    expect((await client.get("/a")).text()).toBe("you asked for /a");
    expect((await client.get("/b")).text()).toBe("you asked for /b");
    expect([asked.length, sockets.size]).toEqual([1, 1]);
    expect(asked[0]).toMatch(/^CONNECT localhost:\d+ HTTP\/1.1\r\n/);
    expect(asked[0]!.toLowerCase()).toContain(
      `proxy-authorization: basic ${Buffer.from("me:secret").toString("base64")}`.toLowerCase(),
    );
  }));

describe("a proxy that", () => {
  test.each([
    [
      "declines",
      (socket: Socket) => void socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"),
      "status 407",
    ],
    ["hangs up", (socket: Socket) => void socket.end(), ""],
    ["says nonsense", (socket: Socket) => void socket.end("SSH-2.0-OpenSSH_9.6\r\n"), ""],
    [
      "leads to a server without TLS",
      (socket: Socket) => void socket.write("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 400 Bad Request\r\n\r\n"),
      "",
    ],
  ])("%s, is an error of the connection, which tells no password", (_, answer, shown) =>
    through(answer, async (given) => {
      const error = await errorOf(given.client.get("/a"));
      expect(error).toBeInstanceOf(HttpConnectError);
      expect(String(error)).toContain(shown);
      expect(JSON.stringify([error, (error as Error).message, String((error as Error).cause)])).not.toContain("secret");
      await gone(given);
    }),
  );

  test("says nothing, does not outlive the time limit for connecting", () =>
    through(
      () => {},
      async (given) => {
        const error = await errorOf(given.client.get("/a", { timeout: { connect: 50 } }));
        expect(error).toBeInstanceOf(HttpTimeoutError);
        expect(error).toMatchObject({ phase: "connect" });
        await gone(given);
      },
    ));

  test("breaks in the middle, is an error, and the next request has another tunnel", () =>
    through(tunnelled, async (given) => {
      await given.client.get("/a");
      const waiting = createTask(given.client.get("/never"));
      await sleep(20);
      for (const socket of given.sockets) socket.destroy();
      expect(await errorOf(waiting)).toBeInstanceOf(HttpConnectionError);
      expect((await given.client.get("/b")).text()).toBe("you asked for /b");
      expect(given.asked.length).toBe(2);
    }));
});

test("cancelled at any moment on the way to an answer, no tunnel is left", () =>
  through(tunnelled, async (given) => {
    let answered = 0;
    for (let ms = 0; answered < 3; ms += 0.5) {
      const asking = createTask(given.client.get("/a", { headers: { connection: "close" } }));
      await sleep(ms);
      if (asking.done()) answered++;
      asking.cancel();
      const error = await errorOf(
        asking.then(() => {
          throw new CancelledError();
        }),
      );
      expect(error).toBeInstanceOf(CancelledError);
      await gone(given);
    }
  }));
