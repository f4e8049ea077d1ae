import type { Readable } from "node:stream";
import { type Coroutine, RuntimeError, coroutine, getRunningLoop } from "tsyncio";
import { builtin } from "../builtin.ts";
import type { Protocol } from "../transport/protocol.ts";
import { ReadPipeTransport } from "../transport/read-pipe-transport.ts";
import type { ReadTransport } from "../transport/transport.ts";

/**
 * Has a protocol read from a stream of Node: `process.stdin`, a pipe of a child process, a file. The stream is the transport's
 * from then on. The coroutine is done when the protocol's `connectionMade` has been called.
 *
 * **When cancelled**: the stream is destroyed.
 *
 * @throws {TypeError} for what is no readable stream of bytes.
 * @throws {RuntimeError} for a stream that has ended or is destroyed.
 * @example
 * ```ts
 * import { StreamReader, StreamReaderProtocol, connectReadPipe } from "@tsyncio/node";
 * import { Readable } from "node:stream";
 * import { run } from "tsyncio";
 * async function main() {
 *   const reader = new StreamReader();
 *   await connectReadPipe(() => new StreamReaderProtocol(reader), Readable.from([Buffer.from("one\ntwo\n")], { objectMode: false }));
 *   for await (const line of reader) console.log(String(line).trimEnd());
 * }
 * await run(main()); // → one
 * // → two
 * ```
 * @see https://docs.python.org/3.13/library/asyncio-eventloop.html#asyncio.loop.connect_read_pipe
 */
export function connectReadPipe<P extends Protocol>(
  factory: () => P,
  stream: Readable,
): Coroutine<readonly [transport: ReadTransport, protocol: P]> {
  const what = "Cannot connect read pipe";
  if (!(stream instanceof builtin("stream").Readable))
    throw new TypeError(`${what}: expected a readable stream, received ${String(stream)}`);
  if (stream.readableObjectMode || stream.readableEncoding !== null)
    throw new TypeError(
      `${what}: the stream must give bytes, and gives ${stream.readableObjectMode ? "objects" : "text"}`,
    );
  if (stream.destroyed || stream.readableEnded) throw new RuntimeError(`${what}: the stream is closed already`);
  return connecting(factory, stream);
}

const connecting = coroutine(function* connectReadPipe<P extends Protocol>(factory: () => P, stream: Readable) {
  const loop = getRunningLoop();
  const protocol = factory();
  const ready = loop.createFuture<undefined>();
  const transport = new ReadPipeTransport(loop, stream, protocol);
  transport.beginSoon(ready);
  try {
    yield* ready;
  } catch (error) {
    transport.close();
    throw error;
  }
  return [transport, protocol] as const;
});
