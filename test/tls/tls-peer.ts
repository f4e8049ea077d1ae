import { once } from "node:events";
import type { AddressInfo, ListenOptions } from "node:net";
import { type TLSSocket, type TlsOptions, createServer } from "node:tls";
import { identity } from "./certificates.ts";

/** A server of bare node:tls on loopback, which knows nothing of tsyncio. */
export class TlsPeer implements AsyncDisposable {
  readonly clients: Set<TLSSocket> = new Set();
  /** Why handshakes failed, by the codes of their errors. */
  readonly refused: string[] = [];
  readonly #server: ReturnType<typeof createServer>;

  private constructor(onClient: (socket: TLSSocket) => void, options: TlsOptions) {
    this.#server = createServer({ ...identity(), ...options }, (socket) => {
      this.clients.add(socket);
      // A client that resets is no error of the test.
      socket.on("error", () => {}).on("close", () => this.clients.delete(socket));
      onClient(socket);
    });
    this.#server.on("tlsClientError", (error: NodeJS.ErrnoException) => this.refused.push(String(error.code)));
  }

  /** A peer that has `onClient` deal with its clients when their handshake is done. */
  static async listening(
    onClient: (socket: TLSSocket) => void = () => {},
    options: TlsOptions = {},
    at: ListenOptions = { host: "127.0.0.1", port: 0 },
  ): Promise<TlsPeer> {
    "native async";
    const peer = new TlsPeer(onClient, options);
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
