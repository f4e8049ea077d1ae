import type { Socket } from "node:net";
import { type Coroutine, coroutine } from "tsyncio";
import { clientLayer } from "../tls/client-side.ts";
import type { ClientTlsOptions } from "../tls/tls-options.ts";
import { type Layer, attach } from "../transport/attach.ts";
import type { StreamProtocol } from "../transport/protocol.ts";
import { unixAddress } from "../transport/socket-address.ts";
import type { ExtraInfo, Transport } from "../transport/transport.ts";
import { adopted } from "./adopted.ts";
import { connectSocket } from "./connect-socket.ts";
import { type SocketPath, pathText } from "./socket-path.ts";

/** Options of `createUnixConnection`. */
export interface UnixConnectionOptions extends ClientTlsOptions {
  /** A connected socket, in place of the path. */
  readonly socket?: Socket;
}

/**
 * Connects to a server that listens on a Unix socket (on Windows: a named pipe), as `createConnection` to TCP. With `tls` it
 * needs `serverHostname`: there is no host.
 *
 * **When cancelled**: the socket is closed.
 *
 * @throws Node's error (`code` "ENOENT", "ECONNREFUSED", …).
 * @throws {TimeoutError} when the handshake of TLS takes longer than `handshakeTimeout`.
 * @throws {RangeError} for a path together with `socket`, or none of them; for options of TLS without `tls`; for `tls` without a
 * name of the server.
 * @throws {TypeError} for what is no path.
 * @example
 * ```ts fragment
 * const [transport, protocol] = await createUnixConnection(() => new Client(), "/run/service.sock");
 * ```
 * @see https://docs.python.org/3.13/library/asyncio-eventloop.html#asyncio.loop.create_unix_connection
 */
export function createUnixConnection<P extends StreamProtocol>(
  factory: () => P,
  path: SocketPath | null = null,
  options: UnixConnectionOptions = {},
): Coroutine<readonly [transport: Transport, protocol: P]> {
  const { socket } = options;
  const what = "create Unix connection";
  const layer = clientLayer(options, null, what);
  if (socket !== undefined) {
    if (path !== null) throw new RangeError(`Cannot ${what}: path and socket are given; pass one of them`);
    return attach(adopted(socket, what), factory, { layer, extra: namesOf("") });
  }
  if (path === null) throw new RangeError(`Cannot ${what}: neither a path nor a socket is given`);
  return creating(factory, pathText(path, what), layer);
}

const creating = coroutine(function* createUnixConnection<P extends StreamProtocol>(
  factory: () => P,
  path: string,
  layer: Layer | undefined,
) {
  return yield* attach(yield* connectSocket({ path }), factory, { layer, extra: namesOf(path) });
});

/** Node does not know them. */
function namesOf(path: string): ExtraInfo {
  return { sockname: unixAddress(""), peername: unixAddress(path) };
}
