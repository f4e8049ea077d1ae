import { type IncomingMessage, type RequestListener, type ServerResponse, createServer } from "node:http";
import { createSecureServer } from "node:http2";
import type { AddressInfo, Server, Socket } from "node:net";
import { identity } from "../../../test/tls/certificates.ts";

/** A server on loopback, of Node's own HTTP, which counts what is open. */
export class CountingServer {
  readonly #server: Server;
  readonly #scheme: string;
  readonly #sockets = new Set<Socket>();
  /** The requests that it has seen, as `GET /path`. */
  readonly seen: string[] = [];
  /** How many connections there were. */
  connections = 0;
  /** Requests whose connection closed before the answer was written. */
  broken = 0;

  /** @param speaks HTTP/2 over TLS, or HTTP/1.1 without. */
  constructor(
    handler: (request: IncomingMessage, response: ServerResponse) => unknown,
    speaks: "HTTP/1.1" | "HTTP/2" = "HTTP/1.1",
  ) {
    const listener: RequestListener = (request, response) => {
      this.seen.push(`${request.method} ${request.url}`);
      response.on("close", () => {
        if (!response.writableFinished) this.broken++;
      });
      Promise.resolve(handler(request, response)).catch(() => response.destroy());
    };
    const secure = speaks === "HTTP/2";
    this.#scheme = secure ? "https://localhost" : "http://127.0.0.1";
    this.#server = secure
      ? createSecureServer(
          { ...identity(), maxSessionMemory: 200 },
          listener as unknown as Parameters<typeof createSecureServer>[1],
        )
      : createServer({ keepAliveTimeout: 60_000 }, listener);
    this.#server.on("connection", (socket: Socket) => {
      this.connections++;
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
  }

  /** How many sockets are open. */
  get open(): number {
    return this.#sockets.size;
  }

  get origin(): string {
    return `${this.#scheme}:${(this.#server.address() as AddressInfo).port}`;
  }

  listen(): PromiseLike<void> {
    return new Promise((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  close(): PromiseLike<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

/** What a request carries. */
export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** Answers with what came, as JSON. */
export async function echo(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url, headers } = request;
  const body = (await bodyOf(request)).toString("latin1");
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ method, url, headers, body }));
}
