import { once } from "node:events";
import { type IncomingMessage, type RequestListener, type ServerResponse, createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** A server of bare node:http on loopback, which knows nothing of tsyncio. */
export class LoopbackServer implements AsyncDisposable {
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
  ): Promise<LoopbackServer> {
    "native async";
    const server = new LoopbackServer(answer);
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
