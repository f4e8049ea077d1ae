import type { Socket } from "node:net";
import type { Coroutine } from "tsyncio";
import { serverLayer } from "../tls/server-side.ts";
import type { ServerTlsOptions } from "../tls/tls-options.ts";
import { attach } from "../transport/attach.ts";
import type { StreamProtocol } from "../transport/protocol.ts";
import type { Transport } from "../transport/transport.ts";
import { adopted } from "./adopted.ts";

/**
 * Makes the transport and the protocol of a connection that was accepted elsewhere, by a `net.Server` of Node. The socket
 * belongs to the transport from then on. With `tls` it is the server's side of the handshake.
 *
 * **When cancelled**: the socket is closed.
 *
 * @throws Node's error when the handshake of TLS fails.
 * @throws {TimeoutError} when it takes longer than `handshakeTimeout`.
 * @throws {RangeError} for options of TLS without `tls`.
 * @throws {RuntimeError} for a socket that is not connected.
 * @throws {TypeError} for what is no `net.Socket`.
 * @example
 * ```ts fragment
 * httpServer.on("upgrade", (_request, socket) => createTask(connectAcceptedSocket(() => new Chat(), socket)));
 * ```
 * @see https://docs.python.org/3.13/library/asyncio-eventloop.html#asyncio.loop.connect_accepted_socket
 */
export function connectAcceptedSocket<P extends StreamProtocol>(
  factory: () => P,
  socket: Socket,
  options: ServerTlsOptions = {},
): Coroutine<readonly [transport: Transport, protocol: P]> {
  const what = "connect accepted socket";
  const layer = serverLayer(options, what);
  return attach(adopted(socket, what), factory, { layer });
}
