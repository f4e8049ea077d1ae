import type { BaseTransport, DatagramTransport, SubprocessTransport } from "./transport.ts";

/**
 * A protocol that has it true runs none of the program's code in `dataReceived`, `eofReceived` and
 * `resumeWriting`: it keeps bytes and wakes tasks. Transports call these three straight from Node's events, without waiting
 * for a turn of the loop: then no loop is running, no task is current, and there is no context. The rest is as ever: all of it
 * comes between `connectionMade` and `connectionLost`, which are callbacks of the loop, and nothing while reading is paused.
 * A subclass that overrides one of the three must have it false.
 */
export const FED_DIRECTLY: unique symbol = Symbol("fed directly");

/**
 * What a transport calls: the half of a connection that an application writes. Every method does nothing until it is
 * overridden. All calls come from callbacks of the loop, in the context in which the transport was made, except
 * `pauseWriting` and `resumeWriting`, which may come from within `write()`.
 *
 * `connectionMade`, then whatever the kind of protocol adds, then `connectionLost` exactly once.
 *
 * @see https://docs.python.org/3.13/library/asyncio-protocol.html#base-protocol
 */
export class BaseProtocol {
  /** @internal */ declare readonly [FED_DIRECTLY]?: boolean;
  /** The connection is there. */
  connectionMade(_transport: BaseTransport): void {}
  /** The connection is gone: null after its orderly end, `close()` or `abort()`, else what broke it. */
  connectionLost(_error: unknown): void {}
  /** More is buffered for writing than the high mark: stop writing. */
  pauseWriting(): void {}
  /** The buffer has drained to the low mark: go on. Called once after each `pauseWriting`. */
  resumeWriting(): void {}
}

/**
 * A stream of bytes: `connectionMade`, `dataReceived` any number of times, `eofReceived` at most once, `connectionLost`.
 *
 * @see https://docs.python.org/3.13/library/asyncio-protocol.html#streaming-protocols
 */
export class Protocol extends BaseProtocol {
  /** Some bytes, at least one, in pieces of any size. They belong to the protocol. */
  dataReceived(_data: Uint8Array): void {}
  /**
   * The peer will send no more. True keeps the connection open for writing, unless it has TLS; else the transport closes itself.
   */
  eofReceived(): boolean | undefined | void {}
}

/**
 * As `Protocol`, but the bytes are put into buffers of the protocol.
 *
 * @see https://docs.python.org/3.13/library/asyncio-protocol.html#buffered-streaming-protocols
 */
export abstract class BufferedProtocol extends BaseProtocol {
  /** A buffer of at least one byte for what comes next. `sizeHint` is about how much; -1: any size. */
  abstract getBuffer(sizeHint: number): Uint8Array;
  /** `bytes` bytes were put into the buffer. */
  bufferUpdated(_bytes: number): void {}
  /** As `Protocol.eofReceived`. */
  eofReceived(): boolean | undefined | void {}
}

/** An end of a connection, where a datagram comes from or goes to, or what a server listens on. */
export interface SocketAddress {
  /** An IP address; for a Unix socket its path, "" when it has none. */
  readonly address: string;
  /** 0 for a Unix socket. */
  readonly port: number;
  readonly family: "IPv4" | "IPv6" | "Unix";
}

/**
 * Datagrams: `connectionMade`, then `datagramReceived` and `errorReceived` in any order, `connectionLost`.
 *
 * @see https://docs.python.org/3.13/library/asyncio-protocol.html#datagram-protocols
 */
export class DatagramProtocol extends BaseProtocol {
  override connectionMade(_transport: DatagramTransport): void {}
  datagramReceived(_data: Uint8Array, _from: SocketAddress): void {}
  /** An earlier send or receive failed (the peer's host said that nobody listens, say). The transport stays open. */
  errorReceived(_error: unknown): void {}
}

/**
 * A child process: data and ends of its pipes and its exit come in any order, `connectionLost` last.
 *
 * @see https://docs.python.org/3.13/library/asyncio-protocol.html#subprocess-protocols
 */
export class SubprocessProtocol extends BaseProtocol {
  override connectionMade(_transport: SubprocessTransport): void {}
  /** The child wrote to descriptor `fd`: 1 is its stdout, 2 its stderr. */
  pipeDataReceived(_fd: number, _data: Uint8Array): void {}
  /** A pipe has ended; the error is null unless it broke. */
  pipeConnectionLost(_fd: number, _error: unknown): void {}
  /** The child has exited. */
  processExited(): void {}
}

/** A protocol for streams of bytes, of either kind. */
export type StreamProtocol = Protocol | BufferedProtocol;

/** A buffered protocol is known by its `getBuffer`, whatever class it is of. */
export function isBuffered(protocol: BaseProtocol): protocol is BufferedProtocol {
  return typeof (protocol as Partial<BufferedProtocol>).getBuffer === "function";
}
