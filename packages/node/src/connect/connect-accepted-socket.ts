import type { Socket } from "node:net";
import type { Coroutine } from "tsyncio";
import { attach } from "../transport/attach.ts";
import type { StreamProtocol } from "../transport/protocol.ts";
import type { Transport } from "../transport/transport.ts";
import { adopted } from "./adopted.ts";

/**
 * Makes the transport and the protocol of a connection that was accepted elsewhere, by a `net.Server` of Node. The socket
 * belongs to the transport from then on.
 *
 * @throws {RuntimeError} for a socket that is not connected.
 * @throws {TypeError} for what is no `net.Socket`.
 * @see https://docs.python.org/3.13/library/asyncio-eventloop.html#asyncio.loop.connect_accepted_socket
 */
export function connectAcceptedSocket<P extends StreamProtocol>(
  factory: () => P,
  socket: Socket,
): Coroutine<readonly [transport: Transport, protocol: P]> {
  return attach(adopted(socket, "connect accepted socket"), factory, {});
}
