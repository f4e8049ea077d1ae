import { type Coroutine, coroutine, getRunningLoop } from "tsyncio";
import type { Port } from "../connect/port.ts";
import { type TcpServerOptions, createServer } from "../serve/create-server.ts";
import type { Server } from "../serve/server.ts";
import { checkedLimit } from "./incoming.ts";
import { StreamReader } from "./stream-reader.ts";
import { type ClientHandler, StreamReaderProtocol } from "./stream-reader-protocol.ts";

/** Options of `startServer`. */
export interface StartServerOptions extends TcpServerOptions {
  /** The limit of the readers: see `StreamReader`. Default: 65536. */
  readonly limit?: number;
}

/**
 * Listens on TCP, as `createServer` does, and calls `onClient` with a reader and a writer for each connection. If that gives a
 * coroutine, it runs as a task. The connection is the handler's to close.
 *
 * When a handler fails, the loop's exception handler is told, once, and its connection is closed; when its task is cancelled,
 * the connection is closed. The others go on.
 *
 * **When cancelled**: it listens no more.
 *
 * @throws what `createServer` throws: Node's error (`code` "EADDRINUSE", …).
 * @throws {RangeError} unless the limit is above 0.
 * @throws {TypeError} when `onClient` is no function.
 * @example
 * ```ts
 * import { run } from "tsyncio";
 * import { openConnection, startServer, type StreamReader, type StreamWriter } from "@tsyncio/node";
 * async function shout(reader: StreamReader, writer: StreamWriter) {
 *   for await (const line of reader) await writer.write(String(line).toUpperCase());
 *   writer.close();
 * }
 * async function main() {
 *   await using server = await startServer(shout, "127.0.0.1", 0);
 *   const [reader, writer] = await openConnection("127.0.0.1", server.sockets[0].port);
 *   writer.write("hello\n");
 *   writer.writeEof();
 *   console.log(String(await reader.read()).trimEnd());
 *   writer.close();
 * }
 * await run(main()); // → HELLO
 * ```
 * @see https://docs.python.org/3.13/library/asyncio-stream.html#asyncio.start_server
 */
export function startServer(
  onClient: ClientHandler,
  host: string | readonly string[] | null = null,
  port: Port = null,
  options: StartServerOptions = {},
): Coroutine<Server> {
  checkClient(onClient, options, "startServer");
  return starting((factory) => createServer(factory, host, port, options), onClient, options.limit);
}

/** @internal */
export function checkClient(onClient: unknown, { limit }: { readonly limit?: number }, what: string): void {
  checkedLimit(limit);
  if (typeof onClient === "function") return;
  throw new TypeError(`Cannot ${what}(): expected a function to call for each client, received ${String(onClient)}`);
}

/** @internal Has `create` make a server, by giving it the maker of the protocols. */
export const starting: (
  create: (factory: () => StreamReaderProtocol) => Coroutine<Server>,
  onClient: ClientHandler,
  limit: number | undefined,
) => Coroutine<Server> = coroutine(function* startServer(create, onClient, limit) {
  const options = { loop: getRunningLoop(), limit };
  return yield* create(() => new StreamReaderProtocol(new StreamReader(options), onClient, options));
});
