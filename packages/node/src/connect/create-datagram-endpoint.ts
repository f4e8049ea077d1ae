import type { Socket, SocketOptions } from "node:dgram";
import type { LookupFunction } from "node:net";
import { type Coroutine, RuntimeError, coroutine, getRunningLoop } from "tsyncio";
import { builtin } from "../builtin.ts";
import { AddressError } from "../errors.ts";
import { DatagramSocketTransport } from "../transport/datagram-transport.ts";
import type { DatagramProtocol, SocketAddress } from "../transport/protocol.ts";
import { isSystemError } from "../transport/system-error.ts";
import type { DatagramTransport } from "../transport/transport.ts";
import type { HostPort } from "./create-connection.ts";
import { type ResolveOptions, getaddrinfo } from "./getaddrinfo.ts";
import { portNumber } from "./port.ts";

/** Options of `createDatagramEndpoint` and `openDatagram`. */
export interface DatagramOptions extends ResolveOptions {
  /** Whether other sockets may be bound to the same port: multicast receivers. */
  readonly reuseAddress?: boolean;
  /** Whether datagrams may go to a broadcast address. The socket is not connected then, and hears from anybody. */
  readonly allowBroadcast?: boolean;
}

/** Options of `createDatagramEndpoint`. */
export interface DatagramEndpointOptions extends DatagramOptions {
  /** What it is bound to. Without a host: every address of this machine; without a port: the system chooses one. */
  readonly localAddress?: HostPort;
  /** What it is connected to: everything goes there, and comes from there. */
  readonly remoteAddress?: HostPort;
  /** A socket that is bound, in place of addresses. */
  readonly socket?: Socket;
}

/**
 * Makes a UDP socket with a protocol of your own. The pairs of local and remote addresses are tried in turn. The coroutine is
 * done when the protocol's `connectionMade` has been called.
 *
 * **When cancelled**: the socket is closed.
 *
 * @throws Node's error (`code` "EADDRINUSE", "ENOTFOUND", …): of several addresses, that of the first.
 * @throws {AddressError} when no local address has the family of a remote one.
 * @throws {RangeError} when neither an address nor a family nor a socket is given; for a port that is none; for a socket
 *   together with anything else.
 * @throws {TypeError} for what is no address, and no `dgram.Socket`.
 * @throws {RuntimeError} for a socket that is not bound.
 * @see https://docs.python.org/3.13/library/asyncio-eventloop.html#asyncio.loop.create_datagram_endpoint
 */
export function createDatagramEndpoint<P extends DatagramProtocol>(
  factory: () => P,
  options: DatagramEndpointOptions,
): Coroutine<readonly [transport: DatagramTransport, protocol: P]> {
  const { localAddress, remoteAddress, family, socket } = options;
  const what = "Cannot create datagram endpoint";
  if (socket !== undefined) {
    if (!(socket instanceof builtin("dgram").Socket))
      throw new TypeError(`${what}: expected a dgram.Socket, received ${String(socket)}`);
    const modifiers = Object.entries(options).filter(([name, value]) => name !== "socket" && value !== undefined);
    if (modifiers.length > 0)
      throw new RangeError(`${what}: with a socket there can be no ${modifiers.map(([name]) => name).join(", ")}`);
    return adopting(factory, socket);
  }
  for (const address of [localAddress, remoteAddress]) checkAddress(address);
  if (localAddress === undefined && remoteAddress === undefined && family === undefined)
    throw new RangeError(`${what}: neither localAddress nor remoteAddress nor family is given`);
  return creating(factory, options);
}

function checkAddress(address: HostPort | undefined): void {
  if (address === undefined) return;
  if (typeof address !== "object" || address === null)
    throw new TypeError(
      `Cannot create datagram endpoint: an address must be { host, port }, received ${String(address)}`,
    );
  portNumber(address.port);
}

const adopting = coroutine(function* createDatagramEndpoint<P extends DatagramProtocol>(
  factory: () => P,
  socket: Socket,
) {
  let remote: SocketAddress | null = null;
  try {
    socket.address();
  } catch (cause) {
    throw new RuntimeError("Cannot create datagram endpoint: the socket is not bound; pass one that is", { cause });
  }
  try {
    remote = socket.remoteAddress() as SocketAddress;
  } catch {
    // It is not connected.
  }
  return yield* attached(factory, socket, remote, remote !== null);
});

const creating = coroutine(function* createDatagramEndpoint<P extends DatagramProtocol>(
  factory: () => P,
  options: DatagramEndpointOptions,
) {
  const { remoteAddress, allowBroadcast = false } = options;
  const pairs = yield* addressPairs(options);
  const errors: unknown[] = [];
  for (const [local, remote] of pairs) {
    const socket = newSocket((remote ?? local).family, options);
    try {
      yield* bound(socket, local, allowBroadcast);
      if (remote !== null && !allowBroadcast) yield* connected(socket, remote);
      return yield* attached(factory, socket, remote, remoteAddress !== undefined && !allowBroadcast);
    } catch (error) {
      close(socket);
      if (!isSystemError(error)) throw error;
      errors.push(error);
    }
  }
  throw errors[0];
});

type Pair = readonly [local: SocketAddress, remote: SocketAddress | null];

/** Each remote address with the local ones of its family. */
function* addressPairs(options: DatagramEndpointOptions): Generator<undefined, readonly Pair[], any> {
  const { localAddress, remoteAddress, family } = options;
  if (remoteAddress === undefined) {
    const locals = yield* localAddresses(localAddress, family === 6 ? "IPv6" : "IPv4", options);
    return locals.map((local) => [local, null]);
  }
  const pairs: Pair[] = [];
  for (const remote of yield* getaddrinfo(remoteAddress.host ?? null, remoteAddress.port, options))
    for (const local of yield* localAddresses(localAddress, remote.family as "IPv4" | "IPv6", options))
      if (local.family === remote.family) pairs.push([local, remote]);
  if (pairs.length > 0) return pairs;
  throw new AddressError("Cannot create datagram endpoint: no local address has the family of a remote one");
}

function* localAddresses(
  given: HostPort | undefined,
  family: "IPv4" | "IPv6",
  options: ResolveOptions,
): Generator<undefined, readonly SocketAddress[], any> {
  const { host = null, port } = given ?? {};
  if (host !== null && host !== "") return yield* getaddrinfo(host, port, options);
  return [{ address: family === "IPv6" ? "::" : "0.0.0.0", port: portNumber(port), family }];
}

function newSocket(
  family: SocketAddress["family"],
  { reuseAddress, lookup = builtin("dns").lookup }: DatagramEndpointOptions,
): Socket {
  const options: SocketOptions = {
    type: family === "IPv6" ? "udp6" : "udp4",
    // A literal address costs no turn.
    lookup: (host, settings, callback) => {
      const literal = builtin("net").isIP(host);
      if (literal === 0) (lookup as LookupFunction)(host, settings, callback as Parameters<LookupFunction>[2]);
      else callback(null, host, literal);
    },
    ...(reuseAddress === undefined ? undefined : { reuseAddr: reuseAddress }),
  };
  return builtin("dgram").createSocket(options);
}

function* bound(socket: Socket, { address, port }: SocketAddress, broadcast: boolean): Generator<undefined, void, any> {
  yield* settled(socket, "listening", () => socket.bind({ address, port }));
  if (broadcast) socket.setBroadcast(true);
}

function connected(socket: Socket, { address, port }: SocketAddress): Generator<undefined, void, any> {
  return settled(socket, "connect", () => socket.connect(port, address));
}

/** Starts something with a socket, and waits for its event, or for the error that comes in its place. */
function* settled(socket: Socket, event: "listening" | "connect", start: () => void): Generator<undefined, void, any> {
  const done = getRunningLoop().createFuture<undefined>();
  const succeeded = (): void => void (done.done() || done.setResult(undefined));
  const failed = (error: Error): void => void (done.done() || done.setException(error));
  socket.once(event, succeeded).once("error", failed);
  try {
    start();
    yield* done;
  } finally {
    socket.off(event, succeeded).off("error", failed);
  }
}

function* attached<P extends DatagramProtocol>(
  factory: () => P,
  socket: Socket,
  remote: SocketAddress | null,
  isConnected: boolean,
): Generator<undefined, readonly [DatagramSocketTransport, P], any> {
  const loop = getRunningLoop();
  const ready = loop.createFuture<undefined>();
  const protocol = factory();
  const transport = new DatagramSocketTransport(loop, socket, protocol, remote, isConnected, ready);
  try {
    yield* ready;
  } catch (error) {
    transport.close();
    throw error;
  }
  return [transport, protocol];
}

function close(socket: Socket): void {
  socket.on("error", () => {});
  try {
    socket.close();
  } catch {
    // Its transport has closed it.
  }
}
