import type { BaseProtocol } from "./protocol.ts";
import { RuntimeError } from "tsyncio";

/** What can be asked of a connection by `getExtraInfo`. */
export interface ExtraInfo {
  readonly [name: string]: unknown;
}

function notImplemented(transport: object, method: string): RuntimeError {
  return new RuntimeError(`Cannot call ${method}(): ${transport.constructor.name} does not implement it`);
}

/**
 * The half of a connection that the library writes: it moves bytes, and calls its protocol. Base classes throw
 * `RuntimeError` from what a kind of transport does not implement.
 *
 * One that is still open when its loop is closed, as `run` does at the end, is dropped: what it has buffered is lost, its
 * protocol hears nothing, and in debug mode there is a ResourceWarning.
 *
 * @see https://docs.python.org/3.13/library/asyncio-protocol.html#base-transport
 */
export abstract class BaseTransport {
  readonly #extra: ExtraInfo;

  constructor(extra: ExtraInfo = {}) {
    this.#extra = extra;
  }

  /**
   * What is known about the connection under `name`, else `otherwise`: "peername", "sockname", "socket"; with TLS also "peercert",
   * "cipher", "sslcontext" and "sslObject", which is Node's `tls.TLSSocket`; "pipe" and "subprocess" where there is one.
   */
  getExtraInfo(name: string, otherwise: unknown = null): unknown {
    return this.#extra[name] ?? otherwise;
  }

  /** Whether it is closing or closed. */
  isClosing(): boolean {
    throw notImplemented(this, "isClosing");
  }

  /** Ends it in order: what is buffered is still sent, then the protocol's `connectionLost(null)` is called. */
  close(): void {
    throw notImplemented(this, "close");
  }

  /** From now on `protocol` is called. */
  setProtocol(_protocol: BaseProtocol): void {
    throw notImplemented(this, "setProtocol");
  }

  getProtocol(): BaseProtocol {
    throw notImplemented(this, "getProtocol");
  }
}

/**
 * A transport that reads.
 *
 * @see https://docs.python.org/3.13/library/asyncio-protocol.html#read-only-transports
 */
export abstract class ReadTransport extends BaseTransport {
  /** Whether the protocol gets data now. */
  isReading(): boolean {
    throw notImplemented(this, "isReading");
  }

  /** The protocol gets no data until `resumeReading()`; the peer is held back. */
  pauseReading(): void {
    throw notImplemented(this, "pauseReading");
  }

  resumeReading(): void {
    throw notImplemented(this, "resumeReading");
  }
}

/** Above how many buffered bytes a protocol is told to pause, and at how many to go on. */
export interface WriteBufferLimits {
  readonly high?: number;
  readonly low?: number;
}

/**
 * A transport that writes.
 *
 * @see https://docs.python.org/3.13/library/asyncio-protocol.html#write-only-transports
 */
export abstract class WriteTransport extends BaseTransport {
  /**
   * Sets the marks of the write buffer, in bytes. Default: 65536 and a quarter of it. One of the two is derived from
   * the other; a high mark of 0 pauses whenever anything is buffered.
   *
   * @throws {RangeError} unless high >= low >= 0.
   */
  setWriteBufferLimits(_limits?: WriteBufferLimits): void {
    throw notImplemented(this, "setWriteBufferLimits");
  }

  /** How many bytes are buffered. */
  getWriteBufferSize(): number {
    throw notImplemented(this, "getWriteBufferSize");
  }

  /** The low and the high mark. */
  getWriteBufferLimits(): readonly [low: number, high: number] {
    throw notImplemented(this, "getWriteBufferLimits");
  }

  /** Sends bytes, now or as soon as possible. Never waits: see `pauseWriting`. */
  write(_data: Uint8Array): void {
    throw notImplemented(this, "write");
  }

  /** As one `write()` of all pieces. */
  writelines(pieces: Iterable<Uint8Array>): void {
    this.write(Buffer.concat([...pieces]));
  }

  /** Ends the sending half when everything has been sent; the peer may go on sending. */
  writeEof(): void {
    throw notImplemented(this, "writeEof");
  }

  canWriteEof(): boolean {
    throw notImplemented(this, "canWriteEof");
  }

  /** Ends it at once: what is buffered is lost. */
  abort(): void {
    throw notImplemented(this, "abort");
  }
}

/**
 * A transport that reads and writes: a stream connection.
 *
 * @see https://docs.python.org/3.13/library/asyncio-protocol.html#asyncio.Transport
 */
export abstract class Transport extends WriteTransport implements ReadTransport {
  isReading(): boolean {
    throw notImplemented(this, "isReading");
  }

  pauseReading(): void {
    throw notImplemented(this, "pauseReading");
  }

  resumeReading(): void {
    throw notImplemented(this, "resumeReading");
  }
}

/**
 * A transport of datagrams.
 *
 * @see https://docs.python.org/3.13/library/asyncio-protocol.html#datagram-transports
 */
export abstract class DatagramTransport extends BaseTransport {
  /** Sends one datagram, to `to` or, when the transport is connected, to its peer. */
  sendto(_data: Uint8Array, _to?: { readonly address: string; readonly port: number } | null): void {
    throw notImplemented(this, "sendto");
  }

  /** Ends it at once: what is buffered is lost. */
  abort(): void {
    throw notImplemented(this, "abort");
  }
}

/**
 * A transport around a child process.
 *
 * @see https://docs.python.org/3.13/library/asyncio-protocol.html#subprocess-transports
 */
export abstract class SubprocessTransport extends BaseTransport {
  getPid(): number {
    throw notImplemented(this, "getPid");
  }

  /** Null while it runs, its exit code, or minus the number of the signal that ended it. */
  getReturncode(): number | null {
    throw notImplemented(this, "getReturncode");
  }

  /** The transport of a pipe of the child: 0 its stdin, 1 its stdout, 2 its stderr; null where there is no pipe. */
  getPipeTransport(_fd: number): BaseTransport | null {
    throw notImplemented(this, "getPipeTransport");
  }

  sendSignal(_signal: NodeJS.Signals | number): void {
    throw notImplemented(this, "sendSignal");
  }

  /** Sends SIGTERM. */
  terminate(): void {
    throw notImplemented(this, "terminate");
  }

  /** Sends SIGKILL. */
  kill(): void {
    throw notImplemented(this, "kill");
  }
}
