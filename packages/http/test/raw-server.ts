import { type AddressInfo, type Server, type Socket, createServer } from "node:net";

/** A server that says what it is told to, be it HTTP or not. */
export class RawServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** How many requests have come. */
  requests = 0;
  /** How many connections there were. */
  connections = 0;

  /** @param answer is called when the head of a request has come. */
  constructor(answer: (socket: Socket, server: RawServer) => unknown) {
    this.#server = createServer((socket) => {
      this.connections++;
      this.#sockets.add(socket);
      socket.on("error", () => {}).on("close", () => this.#sockets.delete(socket));
      socket.on("data", (data) => {
        if (!data.includes("\r\n\r\n")) return;
        this.requests++;
        answer(socket, this);
      });
    });
  }

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
