import type { Socket } from "node:net";
import {
  type Awaitable,
  type Coroutine,
  type Duration,
  ExceptionGroup,
  coroutine,
  milliseconds,
  staggeredRace,
} from "tsyncio";
import { AddressError } from "../errors.ts";
import { clientLayer } from "../tls/client-side.ts";
import type { ClientTlsOptions } from "../tls/tls-options.ts";
import { type Layer, attach } from "../transport/attach.ts";
import type { SocketAddress, StreamProtocol } from "../transport/protocol.ts";
import { addressText } from "../transport/socket-address.ts";
import { isSystemError } from "../transport/system-error.ts";
import type { Transport } from "../transport/transport.ts";
import { adopted } from "./adopted.ts";
import { connectSocket } from "./connect-socket.ts";
import { type ResolveOptions, getaddrinfo } from "./getaddrinfo.ts";
import { interleaved } from "./interleave.ts";
import { type Port, portNumber } from "./port.ts";

/** A host and a port, either of which may be left open. */
export interface HostPort {
  readonly host?: string | null;
  readonly port?: Port;
}

/** Options of `createConnection`. */
export interface ConnectionOptions extends ResolveOptions, ClientTlsOptions {
  /** What the connection comes from. Default: the system chooses. */
  readonly localAddress?: HostPort;
  /**
   * How long an attempt may take before the next address is tried beside it (happy eyeballs). The first that is connected is
   * taken. Default: 250 ms, as the RFC has it; null: an address is tried when the one before it has failed.
   */
  readonly happyEyeballsDelay?: Duration | null;
  /**
   * How many addresses of the first family come before the families take turns; 0: the order of the resolver. Default: 1, or 0
   * without happy eyeballs.
   */
  readonly interleave?: number;
  /** Whether an `ExceptionGroup` with the errors of all addresses is thrown when none can be connected. */
  readonly allErrors?: boolean;
  /** A connected socket, in place of host and port. */
  readonly socket?: Socket;
}

const HAPPY_EYEBALLS_DELAY = 250;
/** Of a local address that cannot be had. */
const UNBINDABLE = new Set(["EADDRINUSE", "EADDRNOTAVAIL", "EACCES"]);

/**
 * Connects to a TCP server. The addresses of the host are tried in the order that RFC 8305 describes; then `factory` makes the
 * protocol. The coroutine is done when its `connectionMade` has been called: with `tls`, after the handshake. The protocol of a
 * handshake that fails hears nothing.
 *
 * **When cancelled**: every attempt is given up and its socket closed.
 *
 * @throws Node's error (`code` "ECONNREFUSED", …). When several addresses fail in different ways: an `AggregateError` with their
 * errors and the `code` of the first. Of TLS: "DEPTH_ZERO_SELF_SIGNED_CERT", "ERR_TLS_CERT_ALTNAME_INVALID", …
 * @throws {TimeoutError} when the handshake takes longer than `handshakeTimeout`.
 * @throws {ExceptionGroup} with `allErrors`.
 * @throws {AddressError} when the host has no address of the family.
 * @throws {RangeError} for a port that is none; for host or port together with `socket`, or none of them; for options of TLS
 * without `tls`; for `tls` without a name of the server.
 * @example
 * ```ts
 * import { Protocol, type Transport, createConnection, createServer } from "@tsyncio/node";
 * import { Event, run } from "tsyncio";
 * class Greeter extends Protocol {
 *   override connectionMade(transport: Transport) {
 *     transport.write(Buffer.from("good morning"));
 *     transport.close();
 *   }
 * }
 * class Listener extends Protocol {
 *   readonly over = new Event();
 *   override dataReceived(data: Uint8Array) {
 *     console.log(Buffer.from(data).toString());
 *   }
 *   override connectionLost() {
 *     this.over.set();
 *   }
 * }
 * async function main() {
 *   await using server = await createServer(() => new Greeter(), "localhost", 0);
 *   const [, listener] = await createConnection(() => new Listener(), "localhost", server.sockets[0].port);
 *   await listener.over.wait();
 * }
 * await run(main()); // → good morning
 * ```
 * @see https://docs.python.org/3.13/library/asyncio-eventloop.html#asyncio.loop.create_connection
 * @see https://www.rfc-editor.org/rfc/rfc8305
 */
export function createConnection<P extends StreamProtocol>(
  factory: () => P,
  host: string | null = null,
  port: Port = null,
  options: ConnectionOptions = {},
): Coroutine<readonly [transport: Transport, protocol: P]> {
  const { socket, localAddress } = options;
  const given = host !== null || port !== null;
  const layer = clientLayer(options, host, "create connection");
  if (socket !== undefined) {
    if (given) throw new RangeError("Cannot create connection: host or port and socket are given; pass one of them");
    return attach(adopted(socket, "create connection"), factory, { layer });
  }
  if (!given) throw new RangeError("Cannot create connection: neither host and port nor a socket is given");
  if (localAddress !== undefined) portNumber(localAddress.port);
  const delay = options.happyEyeballsDelay === undefined ? HAPPY_EYEBALLS_DELAY : options.happyEyeballsDelay;
  const plan: Plan = {
    ...options,
    delay: delay === null ? null : milliseconds(delay),
    interleave: options.interleave ?? (delay === null ? 0 : 1),
    layer,
  };
  return creating(factory, host, portNumber(port), plan);
}

interface Plan extends ConnectionOptions {
  readonly delay: number | null;
  readonly interleave: number;
  readonly layer: Layer | undefined;
}

const creating = coroutine(function* createConnection<P extends StreamProtocol>(
  factory: () => P,
  host: string | null,
  port: number,
  plan: Plan,
) {
  const found = yield* getaddrinfo(host, port, plan);
  const { localAddress } = plan;
  const locals =
    localAddress === undefined ? null : yield* getaddrinfo(localAddress.host ?? null, localAddress.port, plan);
  const addresses = plan.interleave > 0 ? interleaved(found, plan.interleave) : found;
  const errors: unknown[] = [];
  const race = plan.delay !== null && addresses.length > 1;
  const socket = race
    ? yield* connectedFirst(addresses, locals, plan.delay as number, errors)
    : yield* connectedInTurn(addresses, locals, errors);
  if (socket === null) throw notConnected(host, port, errors, plan.allErrors === true);
  return yield* attach(socket, factory, { layer: plan.layer });
});

const connectedInTurn = coroutine(function* connectInTurn(
  addresses: readonly SocketAddress[],
  locals: readonly SocketAddress[] | null,
  errors: unknown[],
) {
  for (const address of addresses) {
    try {
      return yield* connectedTo(address, locals);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      errors.push(error);
    }
  }
  return null;
});

const connectedFirst = coroutine(function* connectFirst(
  addresses: readonly SocketAddress[],
  locals: readonly SocketAddress[] | null,
  delay: number,
  errors: unknown[],
) {
  // One that is connected in the moment in which it is beaten has nobody to take it.
  const connected: Socket[] = [];
  let winner: Socket | null = null;
  const start = (address: SocketAddress): (() => Awaitable<Socket>) =>
    coroutine(function* connect() {
      const socket = yield* connectedTo(address, locals);
      connected.push(socket);
      return socket;
    });
  try {
    const { value } = yield* staggeredRace(addresses.map(start), { delay });
    winner = value;
  } catch (error) {
    if (!(error instanceof ExceptionGroup)) throw error;
    errors.push(...error.errors);
  } finally {
    for (const socket of connected) if (socket !== winner) socket.destroy();
  }
  return winner;
});

const connectedTo = coroutine(function* connectTo(to: SocketAddress, locals: readonly SocketAddress[] | null) {
  const family = to.family === "IPv6" ? 6 : 4;
  const target = { host: to.address, port: to.port, family, autoSelectFamily: false };
  if (locals === null) return yield* connectSocket(target);
  let failure: unknown = new AddressError(
    `Cannot connect to ${addressText(to)}: no local address has family ${to.family}`,
  );
  for (const { address, port } of locals.filter((local) => local.family === to.family)) {
    try {
      return yield* connectSocket({ ...target, localAddress: address, localPort: port });
    } catch (error) {
      if (!UNBINDABLE.has((error as NodeJS.ErrnoException).code as string)) throw error;
      failure = error;
    }
  }
  throw failure;
});

function notConnected(host: string | null, port: number, errors: readonly unknown[], all: boolean): unknown {
  if (all) return new ExceptionGroup("createConnection failed", errors);
  const first = errors[0] as NodeJS.ErrnoException;
  const texts = errors.map((error) => (error as Error).message);
  if (texts.every((text) => text === texts[0])) return first;
  const { code, errno, syscall } = first;
  const error = new AggregateError(errors, `Cannot connect to ${host ?? "this machine"}:${port}: ${texts.join(", ")}`);
  return Object.assign(error, { code, errno, syscall });
}
