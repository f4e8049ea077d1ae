import { type Coroutine, type Duration, coroutine, getRunningLoop, timeout } from "tsyncio";
import { type ConnectionOptions, createConnection } from "../connect/create-connection.ts";
import type { Port } from "../connect/port.ts";
import type { Transport } from "../transport/transport.ts";
import { checkedLimit } from "./incoming.ts";
import { StreamReader } from "./stream-reader.ts";
import { StreamReaderProtocol } from "./stream-reader-protocol.ts";
import { StreamWriter } from "./stream-writer.ts";

/** What `openConnection` and `openUnixConnection` understand of themselves. */
export interface StreamOptions {
  /** The limit of the reader: see `StreamReader`. Default: 65536. */
  readonly limit?: number;
  /** How long it may take until the connection is there. Default: as long as the system tries. */
  readonly timeout?: Duration | null;
}

/** Options of `openConnection`. */
export interface OpenConnectionOptions extends ConnectionOptions, StreamOptions {}

/** The two halves of a connection. */
export type Streams = [reader: StreamReader, writer: StreamWriter];

/**
 * Connects to a TCP server, as `createConnection` does, and gives a reader and a writer.
 *
 * **When cancelled**: every attempt is given up and its socket closed.
 *
 * @throws {TimeoutError} when it takes longer than `timeout`.
 * @throws what `createConnection` throws: Node's error (`code` "ECONNREFUSED", …).
 * @throws {RangeError} unless the limit is above 0.
 * @example
 * ```ts
 * import { run } from "tsyncio";
 * import { openConnection, startServer } from "@tsyncio/node";
 * async function main() {
 *   await using server = await startServer(async (reader, writer) => {
 *     for await (const line of reader) await writer.write(`you said ${line}`);
 *     writer.close();
 *   }, "127.0.0.1", 0);
 *   const [reader, writer] = await openConnection("127.0.0.1", server.sockets[0].port, { timeout: "5s" });
 *   writer.write("hello\n");
 *   console.log(String(await reader.readline()).trimEnd());
 *   writer.close();
 *   await writer.waitClosed();
 * }
 * await run(main()); // → you said hello
 * ```
 * @see https://docs.python.org/3.13/library/asyncio-stream.html#asyncio.open_connection
 */
export function openConnection(
  host: string | null = null,
  port: Port = null,
  options: OpenConnectionOptions = {},
): Coroutine<Streams> {
  checkedLimit(options.limit);
  return opening((factory) => createConnection(factory, host, port, options), options);
}

/** @internal Connects by `connect`, which is given the maker of the protocol. */
export const opening: (
  connect: (
    factory: () => StreamReaderProtocol,
  ) => Coroutine<readonly [transport: Transport, protocol: StreamReaderProtocol]>,
  options: StreamOptions,
) => Coroutine<Streams> = coroutine(function* openConnection(connect, options) {
  const loop = getRunningLoop();
  const reader = new StreamReader({ loop, limit: options.limit });
  const protocol = new StreamReaderProtocol(reader, null, { loop });
  const [transport] = yield* timeout(options.timeout ?? null, () => connect(() => protocol));
  return [reader, new StreamWriter(transport, protocol, reader, { loop })];
});
