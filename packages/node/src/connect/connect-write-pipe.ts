import type { Writable } from "node:stream";
import { type Coroutine, RuntimeError, coroutine, getRunningLoop } from "tsyncio";
import { builtin } from "../builtin.ts";
import type { BaseProtocol } from "../transport/protocol.ts";
import type { WriteTransport } from "../transport/transport.ts";
import { WritePipeTransport } from "../transport/write-pipe-transport.ts";

/**
 * Has a protocol write to a stream of Node: `process.stdout`, a pipe of a child process, a file. The stream is the transport's
 * from then on. The coroutine is done when the protocol's `connectionMade` has been called.
 *
 * The protocol's `connectionLost` is called when the transport is closed, when a write has failed, and when the stream is
 * closed by itself. That nobody reads any more shows in the next write.
 *
 * **When cancelled**: the stream is ended.
 *
 * @throws {TypeError} for what is no writable stream of bytes.
 * @throws {RuntimeError} for a stream that is ended or destroyed.
 * @see https://docs.python.org/3.13/library/asyncio-eventloop.html#asyncio.loop.connect_write_pipe
 */
export function connectWritePipe<P extends BaseProtocol>(
  factory: () => P,
  stream: Writable,
): Coroutine<readonly [transport: WriteTransport, protocol: P]> {
  const what = "Cannot connect write pipe";
  if (!(stream instanceof builtin("stream").Writable))
    throw new TypeError(`${what}: expected a writable stream, received ${String(stream)}`);
  if (stream.writableObjectMode) throw new TypeError(`${what}: the stream must take bytes, and takes objects`);
  if (stream.destroyed || stream.writableEnded) throw new RuntimeError(`${what}: the stream is closed already`);
  return connecting(factory, stream);
}

const connecting = coroutine(function* connectWritePipe<P extends BaseProtocol>(factory: () => P, stream: Writable) {
  const loop = getRunningLoop();
  const protocol = factory();
  const ready = loop.createFuture<undefined>();
  const transport = new WritePipeTransport(loop, stream, protocol);
  transport.beginSoon(ready);
  try {
    yield* ready;
  } catch (error) {
    transport.close();
    throw error;
  }
  return [transport, protocol] as const;
});
