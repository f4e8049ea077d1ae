import { once } from "node:events";
import { type AddressInfo, Server, type Socket, connect as connectPlain } from "node:net";
import { type TLSSocket, connect, createServer } from "node:tls";
import { ca, identity } from "../../../test/tls/certificates.ts";

// The other end of a connection, told in bare Node, as promises.

/** So many bytes; what comes after them stays in the socket. */
export function readExactly(socket: Socket, count: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let read = Buffer.alloc(0);
    const onEnd = (): void => reject(new Error(`the peer has ended after ${read.length} of ${count} bytes`));
    const onData = (data: Buffer): void => {
      read = Buffer.concat([read, data]);
      if (read.length < count) return;
      socket.off("data", onData).off("end", onEnd).off("error", reject).pause();
      if (read.length > count) socket.unshift(read.subarray(count));
      resolve(read.toString("latin1", 0, count));
    };
    socket.on("data", onData).on("end", onEnd).on("error", reject).resume();
  });
}

/** Waits until the peer has ended, whatever it sends until then. */
export async function readEnd(socket: Socket): Promise<void> {
  "native async";
  if (!socket.readableEnded) await once(socket.resume(), "end");
}

/** Encrypts a plain socket, as the server. */
export function secureServer(socket: Socket): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    createServer(identity(), resolve).on("tlsClientError", reject).emit("connection", socket);
  });
}

/** Encrypts a plain socket, as the client; or one that is encrypted, once more. */
export async function secureClient(socket: Socket): Promise<TLSSocket> {
  "native async";
  const secured = connect({ socket, ca, servername: "localhost" });
  await once(secured, "secureConnect");
  return secured;
}

export async function connected(port: number): Promise<Socket> {
  "native async";
  const socket = connectPlain(port, "127.0.0.1");
  await once(socket, "connect");
  return socket;
}

/** A server for one client. */
export class BareServer {
  readonly #server: Server = new Server({ allowHalfOpen: false });
  /** What became of `serve`. */
  readonly served: Promise<void>;

  private constructor(serve: (socket: Socket) => Promise<void>) {
    this.served = (async () => {
      "native async";
      const [socket] = (await once(this.#server, "connection")) as [Socket];
      this.#server.close();
      await serve(socket);
    })();
    // Its time to tell comes later.
    this.served.catch(() => {});
  }

  /** Listens, and has `serve` deal with the first client. */
  static async listening(serve: (socket: Socket) => Promise<void>): Promise<BareServer> {
    "native async";
    const server = new BareServer(serve);
    await once(server.#server.listen(0, "127.0.0.1"), "listening");
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }
}
