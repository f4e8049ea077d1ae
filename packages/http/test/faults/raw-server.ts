import { type AddressInfo, type Socket, createServer } from "node:net";

/** A server of bare TCP, which says what a server should not: for each request that is whole (it has no body) a piece of text. */
export class RawServer {
  readonly #server: ReturnType<typeof createServer>;
  readonly #sockets = new Set<Socket>();
  /** The heads of the requests that have come. */
  readonly seen: string[] = [];
  /** How many connections there were. */
  connections = 0;

  /** @param answer is told which request it is, from 1. */
  constructor(answer: (socket: Socket, number: number) => void) {
    this.#server = createServer((socket) => {
      this.connections++;
      this.#sockets.add(socket);
      let text = "";
      socket
        .on("error", () => {})
        .on("close", () => this.#sockets.delete(socket))
        .on("data", (bytes) => {
          text += bytes.toString("latin1");
          for (let end = text.indexOf("\r\n\r\n"); end !== -1; end = text.indexOf("\r\n\r\n")) {
            const number = this.seen.push(text.slice(0, end));
            text = text.slice(end + 4);
            answer(socket, number);
          }
        });
    });
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** How many sockets are open. */
  get open(): number {
    return this.#sockets.size;
  }

  listen(): PromiseLike<void> {
    return new Promise((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  close(): PromiseLike<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
