import type { Coroutine } from "tsyncio";
import { type UnixConnectionOptions, createUnixConnection } from "../connect/create-unix-connection.ts";
import type { SocketPath } from "../connect/socket-path.ts";
import { checkedLimit } from "./incoming.ts";
import { type StreamOptions, type Streams, opening } from "./open-connection.ts";

/** Options of `openUnixConnection`. */
export interface OpenUnixConnectionOptions extends UnixConnectionOptions, StreamOptions {}

/**
 * Connects to a server that listens on a Unix socket, as `createUnixConnection` does, and gives a reader and a writer.
 *
 * **When cancelled**: the socket is closed.
 *
 * @throws {TimeoutError} when it takes longer than `timeout`.
 * @throws what `createUnixConnection` throws: Node's error (`code` "ENOENT", "ECONNREFUSED", …).
 * @throws {RangeError} unless the limit is above 0.
 * @see https://docs.python.org/3.13/library/asyncio-stream.html#asyncio.open_unix_connection
 */
export function openUnixConnection(
  path: SocketPath | null = null,
  options: OpenUnixConnectionOptions = {},
): Coroutine<Streams> {
  checkedLimit(options.limit);
  return opening((factory) => createUnixConnection(factory, path, options), options);
}
