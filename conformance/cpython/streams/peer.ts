import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, type ListenOptions, Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A server of bare node:net on loopback, which knows nothing of tsyncio. */
export class Peer implements AsyncDisposable {
  readonly clients: Set<Socket> = new Set();
  readonly #server: Server;

  private constructor(onClient: (socket: Socket) => void) {
    this.#server = new Server({ allowHalfOpen: true }, (socket) => {
      this.clients.add(socket);
      // A client that resets is no error of the test.
      socket.on("error", () => {}).on("close", () => this.clients.delete(socket));
      onClient(socket);
    });
  }

  /** A peer that has `onClient` deal with its clients; at a port of its own, or at the path of a Unix socket. */
  static async listening(
    onClient: (socket: Socket) => void,
    at: ListenOptions = { host: "127.0.0.1", port: 0 },
  ): Promise<Peer> {
    "native async";
    const peer = new Peer(onClient);
    await once(peer.#server.listen(at), "listening");
    return peer;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    "native async";
    for (const client of this.clients) client.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}

/** Answers any request and closes the connection. */
export function answer(socket: Socket): void {
  socket.once("data", () => socket.end("HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nTest message"));
}

/** A folder for Unix sockets, gone at the end. */
export class SocketFolder implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "tsyncio-"));

  get path(): string {
    return join(this.#folder, "socket");
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}
