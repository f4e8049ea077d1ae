import type { Server as NodeServer } from "node:net";
import { type Coroutine, coroutine } from "tsyncio";
import { type ResolveOptions, getaddrinfo } from "../connect/getaddrinfo.ts";
import { type Port, portNumber } from "../connect/port.ts";
import { serverLayer } from "../tls/server-side.ts";
import type { ServerTlsOptions } from "../tls/tls-options.ts";
import type { SocketAddress, StreamProtocol } from "../transport/protocol.ts";
import { listeningServer } from "./listening-socket.ts";
import { type Acceptance, Server } from "./server.ts";

/** Options of every kind of server. */
export interface ServerOptions extends ServerTlsOptions {
  /** How many connections may wait to be accepted; the system has its own limit. Default: 511, as Node. */
  readonly backlog?: number;
  /** Whether it serves at once. Default: true; else connections wait for `startServing()` or `serveForever()`. */
  readonly startServing?: boolean;
  /** A listening server of Node, or the descriptor of a listening socket, in place of an address. It is taken over. */
  readonly socket?: NodeServer | { readonly fd: number };
}

/** Options of `createServer`. */
export interface TcpServerOptions extends ServerOptions, ResolveOptions {
  /** Whether the system looks after connections that are silent. Default: false. */
  readonly keepAlive?: boolean;
}

const ANY: readonly SocketAddress[] = [
  { address: "0.0.0.0", port: 0, family: "IPv4" },
  { address: "::", port: 0, family: "IPv6" },
];
/** Of an address family that the system does not have. */
const UNAVAILABLE = new Set(["EADDRNOTAVAIL", "EAFNOSUPPORT"]);

/**
 * Listens on TCP and makes a protocol for each connection by calling `factory`. With `tls`, its `connectionMade` is called when
 * the handshake is done; the protocol of a handshake that fails hears nothing, and only debug mode tells of it.
 *
 * @param host a name or an address, several of them, or null or "" for all addresses of this machine. A name with addresses of
 * both families is listened on in both. An IPv6 socket is for IPv6 alone.
 * @param port 0: the system chooses, another one for each address; see `server.sockets`.
 *
 * **When cancelled**: what listens already is closed.
 *
 * @throws Node's error (`code` "EADDRINUSE", …) when one of the addresses cannot be had; then nothing listens. An address of a
 * family that the system does not have is left out, if another one is there.
 * @throws {RangeError} for a port that is none; for host or port together with `socket`, or none of them; for options of TLS
 * without `tls`.
 * @throws {TypeError} for what is no TLS of a server.
 * @example
 * ```ts
 * import { Protocol, type Transport, createServer } from "@tsyncio/node";
 * import { moveOnAfter, run } from "tsyncio";
 * class Echo extends Protocol {
 *   declare transport: Transport;
 *   override connectionMade(transport: Transport) {
 *     this.transport = transport;
 *   }
 *   override dataReceived(data: Uint8Array) {
 *     this.transport.write(data);
 *   }
 * }
 * async function main() {
 *   await using server = await createServer(() => new Echo(), "127.0.0.1", 0);
 *   console.log("serving", server.sockets.length);
 *   await moveOnAfter("10ms", () => server.serveForever());
 * }
 * await run(main()); // → serving 1
 * ```
 * @see https://docs.python.org/3.13/library/asyncio-eventloop.html#asyncio.loop.create_server
 */
export function createServer(
  factory: () => StreamProtocol,
  host: string | readonly string[] | null = null,
  port: Port = null,
  options: TcpServerOptions = {},
): Coroutine<Server> {
  const { socket, keepAlive } = options;
  const acceptance = { factory, keepAlive, layer: serverLayer(options, "create server") };
  const given = host !== null || port !== null;
  if (socket === undefined && !given)
    throw new RangeError("Cannot create server: neither host and port nor a socket is given");
  if (socket !== undefined && given)
    throw new RangeError("Cannot create server: host or port and socket are given; pass one of them");
  if (socket !== undefined) return serving(acceptance, options, adopting(socket, "create server"));
  const hosts = host === null || typeof host === "string" ? [host] : host;
  return serving(acceptance, options, binding(hosts, portNumber(port), options));
}

/** Has a new server listen. */
export type Bind = (server: Server) => Coroutine<void>;

/** @internal Makes a server, has it listen and serve. Nothing is left when that fails. */
export const serving: (acceptance: Acceptance, options: ServerOptions, bind: Bind) => Coroutine<Server> = coroutine(
  function* createServer(acceptance: Acceptance, options: ServerOptions, bind: Bind) {
    const server = new Server(acceptance);
    try {
      yield* bind(server);
      if (options.startServing ?? true) yield* server.startServing();
      return server;
    } catch (error) {
      server.close();
      throw error;
    }
  },
);

/** @internal */
export function adopting(socket: NodeServer | { readonly fd: number }, what: string): Bind {
  if (typeof (socket as { fd?: unknown } | null)?.fd === "number") {
    const { fd } = socket as { readonly fd: number };
    return (server) => server.listen({ fd });
  }
  const listening = listeningServer(socket as NodeServer, what);
  return coroutine(function* bind(server: Server) {
    server.adopt(listening);
  });
}

function binding(hosts: readonly (string | null)[], port: number, options: TcpServerOptions): Bind {
  const { family, backlog = 511 } = options;
  return coroutine(function* bind(server: Server) {
    const addresses = new Map<string, SocketAddress>();
    for (const host of hosts) {
      const found = host === null || host === "" ? anyOf(family) : yield* getaddrinfo(host, port, options);
      for (const one of found) addresses.set(one.address, one);
    }
    let unavailable: unknown = null;
    for (const { address } of addresses.values()) {
      try {
        yield* server.listen({ host: address, port, backlog, ipv6Only: true });
      } catch (error) {
        if (!UNAVAILABLE.has((error as NodeJS.ErrnoException).code as string)) throw error;
        unavailable ??= error;
      }
    }
    if (server.sockets.length === 0) throw unavailable;
  });
}

function anyOf(family: 4 | 6 | undefined): readonly SocketAddress[] {
  return family === undefined ? ANY : ANY.filter((one) => one.family === `IPv${family}`);
}
