import type { Socket } from "node:net";
import { type Coroutine, coroutine } from "tsyncio";
import { attach } from "../transport/attach.ts";
import type { StreamProtocol } from "../transport/protocol.ts";
import { unixAddress } from "../transport/socket-address.ts";
import type { ExtraInfo, Transport } from "../transport/transport.ts";
import { adopted } from "./adopted.ts";
import { connectSocket } from "./connect-socket.ts";
import { type SocketPath, pathText } from "./socket-path.ts";

/** Options of `createUnixConnection`. */
export interface UnixConnectionOptions {
  /** A connected socket, in place of the path. */
  readonly socket?: Socket;
}

/**
 * Connects to a server that listens on a Unix socket (on Windows: a named pipe), as `createConnection` to TCP.
 *
 * **When cancelled**: the socket is closed.
 *
 * @throws Node's error (`code` "ENOENT", "ECONNREFUSED", …).
 * @throws {RangeError} for a path together with `socket`, or none of them.
 * @throws {TypeError} for what is no path.
 * @see https://docs.python.org/3.13/library/asyncio-eventloop.html#asyncio.loop.create_unix_connection
 */
export function createUnixConnection<P extends StreamProtocol>(
  factory: () => P,
  path: SocketPath | null = null,
  options: UnixConnectionOptions = {},
): Coroutine<readonly [transport: Transport, protocol: P]> {
  const { socket } = options;
  const what = "create Unix connection";
  if (socket !== undefined) {
    if (path !== null) throw new RangeError(`Cannot ${what}: path and socket are given; pass one of them`);
    return attach(adopted(socket, what), factory, { extra: namesOf("") });
  }
  if (path === null) throw new RangeError(`Cannot ${what}: neither a path nor a socket is given`);
  return creating(factory, pathText(path, what));
}

const creating = coroutine(function* createUnixConnection<P extends StreamProtocol>(factory: () => P, path: string) {
  return yield* attach(yield* connectSocket({ path }), factory, { extra: namesOf(path) });
});

/** Node does not know them. */
function namesOf(path: string): ExtraInfo {
  return { sockname: unixAddress(""), peername: unixAddress(path) };
}
