import type { Coroutine } from "tsyncio";
import type { SocketPath } from "../connect/socket-path.ts";
import { type UnixServerOptions, createUnixServer } from "../serve/create-unix-server.ts";
import type { Server } from "../serve/server.ts";
import { checkClient, starting } from "./start-server.ts";
import type { ClientHandler } from "./stream-reader-protocol.ts";

/** Options of `startUnixServer`. */
export interface StartUnixServerOptions extends UnixServerOptions {
  /** The limit of the readers: see `StreamReader`. Default: 65536. */
  readonly limit?: number;
}

/**
 * Listens on a Unix socket, as `createUnixServer` does, and calls `onClient` for each connection, as `startServer` does.
 *
 * **When cancelled**: it listens no more.
 *
 * @throws what `createUnixServer` throws: Node's error (`code` "EADDRINUSE", "ENOENT", …).
 * @throws {RangeError} unless the limit is above 0.
 * @throws {TypeError} when `onClient` is no function.
 * @see https://docs.python.org/3.13/library/asyncio-stream.html#asyncio.start_unix_server
 */
export function startUnixServer(
  onClient: ClientHandler,
  path: SocketPath | null = null,
  options: StartUnixServerOptions = {},
): Coroutine<Server> {
  checkClient(onClient, options, "startUnixServer");
  return starting((factory) => createUnixServer(factory, path, options), onClient, options.limit);
}
