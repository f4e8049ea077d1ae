import type { AddressInfo, ListenOptions, Server as NodeServer, Socket } from "node:net";
import { type Coroutine, type EventLoop, type Future, RuntimeError, coroutine } from "tsyncio";
import { builtin } from "../builtin.ts";
import type { SocketAddress } from "../transport/protocol.ts";
import { unixAddress } from "../transport/socket-address.ts";
import type { ExtraInfo } from "../transport/transport.ts";

/** Where to listen: as Node has it, or on a descriptor that listens already. */
export type ListenTarget = ListenOptions | { readonly fd: number };

/** What else happens to a listening socket. */
export interface ListenHooks {
  /** Its address, where Node tells another one. */
  readonly address?: SocketAddress;
  /** It listens. What this throws makes it fail. */
  opened?(): void;
  /** It was closed. */
  closed?(): void;
}

/** What hears of a listening socket, from Node's events. */
export interface ListeningOwner {
  readonly loop: EventLoop;
  connected(socket: Socket, extra: ExtraInfo | undefined): void;
  failed(message: string, error: unknown): void;
}

/** How sockets are accepted: not read before their transport is there, and each half ended by itself. */
const ACCEPTING = { allowHalfOpen: true, pauseOnConnect: true, noDelay: true };

/** A socket that listens, one of a server. */
export class ListeningSocket {
  readonly #owner: ListeningOwner;
  readonly #server: NodeServer;
  readonly #hooks: ListenHooks;
  #opening: Future<undefined> | null = null;
  /** What Node does not know of connections through a Unix socket. */
  #extra: ExtraInfo | undefined = undefined;

  /** @param server listens already: it is taken over. */
  constructor(
    owner: ListeningOwner,
    options: { readonly keepAlive?: boolean; readonly server?: NodeServer; readonly hooks?: ListenHooks },
  ) {
    const { server, keepAlive = false, hooks = {} } = options;
    this.#owner = owner;
    this.#hooks = hooks;
    this.#server =
      server === undefined
        ? new (builtin("net").Server)({ ...ACCEPTING, keepAlive })
        : Object.assign(server, ACCEPTING);
    this.#server.on("listening", this.#onListening).on("connection", this.#onConnection).on("error", this.#onError);
    if (server !== undefined) this.#opened();
  }

  /** Listens. @throws Node's error. */
  open(target: ListenTarget): Coroutine<void> {
    return ListeningSocket.#open(this, target);
  }

  static readonly #open = coroutine(function* open(socket: ListeningSocket, target: ListenTarget) {
    const opening = (socket.#opening = socket.#owner.loop.createFuture<undefined>());
    socket.#server.listen(target);
    yield* opening;
    socket.#opening = null;
    socket.#hooks.opened?.();
    socket.#opened();
  });

  #opened(): void {
    const { address } = this;
    if (address.family === "Unix") this.#extra = { sockname: address, peername: unixAddress("") };
  }

  get address(): SocketAddress {
    if (this.#hooks.address !== undefined) return this.#hooks.address;
    const address = this.#server.address() as AddressInfo | string;
    if (typeof address === "string") return unixAddress(address);
    return { address: address.address, port: address.port, family: address.family === "IPv6" ? "IPv6" : "IPv4" };
  }

  close(): void {
    this.#opening = null;
    this.#server.off("listening", this.#onListening).off("connection", this.#onConnection).off("error", this.#onError);
    this.#server.close();
    try {
      this.#hooks.closed?.();
    } catch (error) {
      this.#owner.failed("Cannot clean up after a listening socket", error);
    }
  }

  readonly #onListening = (): void => {
    if (this.#opening?.done() === false) this.#opening.setResult(undefined);
  };

  readonly #onConnection = (socket: Socket): void => {
    this.#owner.connected(socket, this.#extra);
  };

  readonly #onError = (error: Error): void => {
    if (this.#opening === null) this.#owner.failed("Cannot accept connections", error);
    else if (!this.#opening.done()) this.#opening.setException(error);
  };
}

/** The listening `net.Server` that a caller hands over. */
export function listeningServer(server: NodeServer, what: string): NodeServer {
  if (!(server instanceof builtin("net").Server))
    throw new TypeError(`Cannot ${what}: expected a listening net.Server or { fd }, received ${String(server)}`);
  if (!server.listening) throw new RuntimeError(`Cannot ${what}: the net.Server does not listen; call listen() first`);
  return server;
}
