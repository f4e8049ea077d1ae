import { type StreamProtocol, type Transport, createConnection } from "@tsyncio/node";
import { type AddressInfo, type Socket, createServer } from "node:net";
import { type Coroutine, Future, coroutine, sleep } from "tsyncio";
import { nodeProgram } from "../../node-program.ts";
import type { Given, ProgramOptions } from "../../program.ts";
import { Watch } from "./watch.ts";

/** The other end of a connection: a bare socket of Node. It reads, unless it is told otherwise. */
export class Peer {
  readonly socket: Socket;
  received = "";
  ended = false;
  closed = false;
  readonly #watch = new Watch();

  constructor(socket: Socket) {
    this.socket = socket;
    const closed = (): void => {
      this.closed = true;
      this.#watch.changed();
    };
    if (socket.destroyed) closed();
    socket.on("error", () => {}).on("close", closed);
    socket.on("end", () => {
      this.ended = true;
      this.#watch.changed();
    });
    socket.on("data", (data: Buffer) => {
      this.received += data.toString("latin1");
      this.#watch.changed();
    });
  }

  until(condition: () => boolean): Coroutine<void> {
    return this.#watch.until(condition);
  }
}

/** A server of Node on loopback, and the connections that it got. */
export class PeerServer {
  readonly #server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
  readonly #sockets: Socket[] = [];
  readonly #watch = new Watch();
  port = 0;

  constructor() {
    this.#server.on("connection", (socket) => {
      this.#sockets.push(socket);
      this.#watch.changed();
    });
  }

  /** Listens on a TCP port, or at a path. */
  listen(at: { readonly host: string; readonly port?: number } | { readonly path: string }): Coroutine<void> {
    return PeerServer.#listen(this, at);
  }

  static readonly #listen = coroutine(function* listen(server: PeerServer, at: object) {
    const listening = new Future<undefined>();
    server.#server.once("listening", () => listening.setResult(undefined));
    server.#server.listen("path" in at ? at : { port: 0, ...at });
    yield* listening;
    server.port = (server.#server.address() as AddressInfo).port;
  });

  /** The next connection. */
  accept(): Coroutine<Peer> {
    return PeerServer.#accept(this);
  }

  static readonly #accept = coroutine(function* accept(server: PeerServer) {
    yield* server.#watch.until(() => server.#sockets.length > 0);
    const peer = new Peer(server.#sockets.shift() as Socket);
    peer.socket.resume();
    return peer;
  });

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** A connection over loopback: a transport of ours, and its bare peer. */
export interface Connected<P> {
  readonly transport: Transport;
  readonly protocol: P;
  readonly peer: Peer;
}

const connecting = coroutine(function* connected<P extends StreamProtocol>(
  factory: () => P,
  test: (connected: Connected<P>) => Coroutine<void>,
) {
  const server = new PeerServer();
  yield* server.listen({ host: "127.0.0.1" });
  let peer: Peer | null = null;
  try {
    const [transport, protocol] = yield* createConnection(factory, "127.0.0.1", server.port);
    peer = yield* server.accept();
    try {
      yield* test({ transport, protocol, peer });
    } finally {
      transport.abort();
      yield* sleep(0);
    }
  } finally {
    server.close();
    peer?.socket.destroy();
  }
});

/** A test's program with a connection, which is gone afterwards. */
export function withPeer<P extends StreamProtocol>(
  factory: () => P,
  test: (connected: Connected<P>, given: Given) => PromiseLike<void>,
  options: Omit<ProgramOptions, "host"> = {},
): Promise<void> {
  return nodeProgram(
    (given) => connecting(factory, (connected) => test(connected as Connected<P>, given) as Coroutine<void>),
    options,
  );
}

/** Writes into a connection whose peer does not read, until some of it has to wait. Gives how much was written. */
export function fill(transport: Transport): number {
  const piece = Buffer.alloc(1 << 20, "x");
  let written = 0;
  while (transport.getWriteBufferSize() === 0) {
    if (written > 1 << 28) throw new Error("the connection takes everything");
    transport.write(piece);
    written += piece.length;
  }
  return written;
}
