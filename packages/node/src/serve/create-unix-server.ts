import { CancelledError, type Coroutine, coroutine } from "tsyncio";
import { type SocketPath, pathText } from "../connect/socket-path.ts";
import { serverLayer } from "../tls/server-side.ts";
import type { StreamProtocol } from "../transport/protocol.ts";
import { unixAddress } from "../transport/socket-address.ts";
import { type ServerOptions, adopting, serving } from "./create-server.ts";
import type { Server } from "./server.ts";
import { UnixSocketFile, hiddenName, publish, removeStaleSocket } from "./unix-socket-file.ts";

/** Options of `createUnixServer`. */
export interface UnixServerOptions extends ServerOptions {
  /** Whether the file is taken away when the server is closed, unless somebody else's stands there by then. Default: true. */
  readonly cleanupSocket?: boolean;
}

/**
 * Listens on a Unix socket (on Windows: a named pipe), as `createServer` on TCP. A socket that stands at the path already is
 * replaced, whoever made it; any other file is left alone, and the path is taken. A path that begins with "\0" is a name in
 * Linux' abstract namespace.
 *
 * **When cancelled**: it is closed.
 *
 * @throws Node's error (`code` "EADDRINUSE", "ENOENT", "EACCES", …).
 * @throws {RangeError} for a path together with `socket`, or none of them; for options of TLS without `tls`.
 * @throws {TypeError} for what is no path, or no TLS of a server.
 * @example
 * ```ts
 * import { Protocol, createUnixConnection, createUnixServer } from "@tsyncio/node";
 * import { run } from "tsyncio";
 * async function main() {
 *   const path = `/tmp/example-${process.pid}`;
 *   await using server = await createUnixServer(() => new Protocol(), path);
 *   const [transport] = await createUnixConnection(() => new Protocol(), path);
 *   console.log(server.isServing(), transport.isReading());
 *   transport.close();
 * }
 * await run(main()); // → true true
 * ```
 * @see https://docs.python.org/3.13/library/asyncio-eventloop.html#asyncio.loop.create_unix_server
 */
export function createUnixServer(
  factory: () => StreamProtocol,
  path: SocketPath | null = null,
  options: UnixServerOptions = {},
): Coroutine<Server> {
  const { socket, backlog = 511, cleanupSocket = true } = options;
  const what = "create Unix server";
  const acceptance = { factory, layer: serverLayer(options, what) };
  if (socket === undefined && path === null)
    throw new RangeError(`Cannot ${what}: neither a path nor a socket is given`);
  if (socket !== undefined && path !== null)
    throw new RangeError(`Cannot ${what}: path and socket are given; pass one of them`);
  if (socket !== undefined) return serving(acceptance, options, adopting(socket, what));
  const text = pathText(path as SocketPath, what);
  return serving(acceptance, options, (server) => listenAt(server, text, backlog, cleanupSocket));
}

const listenAt = coroutine(function* bind(server: Server, path: string, backlog: number, cleanup: boolean) {
  removeStaleSocket(path);
  const hidden = hiddenName(path);
  const address = unixAddress(path);
  if (hidden !== null) {
    let file: UnixSocketFile | null = null;
    try {
      return yield* server.listen(
        { path: hidden, backlog },
        {
          address,
          opened() {
            publish(hidden, path);
            if (cleanup) file = new UnixSocketFile(path);
          },
          closed: () => file?.remove(),
        },
      );
    } catch (error) {
      if (error instanceof CancelledError) throw error;
      // The bind to the path itself tells what is wrong with it.
    }
  }
  return yield* server.listen({ path, backlog }, { address });
});
