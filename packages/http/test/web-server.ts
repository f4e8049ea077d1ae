<<<<<<< HEAD
import { once } from "node:events";
import { type IncomingMessage, type RequestListener, type ServerResponse, createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** A server of bare node:http on loopback, which knows nothing of tsyncio. */
export class WebServer implements AsyncDisposable {
  /** The requests that have come, in their order. */
  readonly requests: IncomingMessage[] = [];
  /** What is connected. */
  readonly sockets: Set<Socket> = new Set();
  readonly #server: ReturnType<typeof createServer>;

  private constructor(answer: RequestListener) {
    this.#server = createServer((request, response) => {
      this.requests.push(request);
      answer(request, response);
    });
    this.#server.on("connection", (socket) => {
      this.sockets.add(socket);
      // A client that resets is no error of the test.
      socket.on("error", () => {}).on("close", () => this.sockets.delete(socket));
    });
  }

  static async listening(
    answer: (request: IncomingMessage, response: ServerResponse) => void,
    port = 0,
  ): Promise<WebServer> {
    "native async";
    const server = new WebServer(answer);
    await once(server.#server.listen(port, "127.0.0.1"), "listening");
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    "native async";
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }
}
=======
import { type IncomingMessage, type RequestListener, type ServerResponse, createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** A server on loopback, of Node's own HTTP, which counts what is open. */
export class WebServer {
  readonly #server: ReturnType<typeof createServer>;
  readonly #sockets = new Set<Socket>();
  /** The requests that it has seen, as `GET /path`. */
  readonly seen: string[] = [];
  /** How many connections there were. */
  connections = 0;
  /** Requests whose connection closed before the answer was written. */
  broken = 0;

  constructor(handler: (request: IncomingMessage, response: ServerResponse) => unknown) {
    const listener: RequestListener = (request, response) => {
      this.seen.push(`${request.method} ${request.url}`);
      response.on("close", () => {
        if (!response.writableFinished) this.broken++;
      });
      void handler(request, response);
    };
    this.#server = createServer({ keepAliveTimeout: 60_000 }, listener);
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
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
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
export function bodyOf(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    request
      .on("data", (part: Buffer) => parts.push(part))
      .on("end", () => resolve(Buffer.concat(parts)))
      .on("error", reject);
  });
}
>>>>>>> 406d46d (http: nothing is left of ten thousand requests that are cancelled at random moments)
