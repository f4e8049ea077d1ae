import type { SecureContext, TLSSocket } from "node:tls";
import { isUint8Array } from "node:util/types";
import { type EventLoop, RuntimeError, TimeoutError, type TimerHandle } from "tsyncio";
import { notBytes } from "../transport/not-bytes.ts";
import type { StreamProtocol } from "../transport/protocol.ts";
import { SocketTransport, type SocketTransportOptions } from "../transport/socket-transport.ts";

export interface TlsTransportOptions extends SocketTransportOptions {
  readonly context: SecureContext;
  /** How long `close()` may take, in milliseconds. */
  readonly shutdownTimeout: number;
}

/** The high mark of the write buffer. */
const HIGH = 524_288;

/**
 * The transport of a connection with TLS, from the end of its handshake on. Its socket is a `tls.TLSSocket`.
 *
 * It closes by saying goodbye (`close_notify`) and waiting for the peer to do so, for the shutdown timeout at most; what the
 * peer sends meanwhile is dropped. There is no end by halves: when the peer has ended, it closes.
 *
 * `getExtraInfo` knows, besides what it knows of every connection: "peercert", the peer's certificate as
 * `getPeerCertificate()` gives it; "cipher"; "sslcontext"; and "sslObject", the `tls.TLSSocket`.
 */
export class TlsTransport extends SocketTransport {
  readonly #tls: TLSSocket;
  readonly #context: SecureContext;
  readonly #shutdownTimeout: number;
  #shutdown: TimerHandle | null = null;
  #peercert: object | null = null;

  /** @internal Made by a handshake. */
  constructor(loop: EventLoop, socket: TLSSocket, protocol: StreamProtocol, options: TlsTransportOptions) {
    super(loop, socket, protocol, { ...options, high: HIGH });
    this.#tls = socket;
    this.#context = options.context;
    this.#shutdownTimeout = options.shutdownTimeout;
  }

  override getExtraInfo(name: string, otherwise: unknown = null): unknown {
    if (name === "sslObject") return this.#tls;
    if (name === "sslcontext") return this.#context;
    if (name === "cipher") return this.#tls.getCipher() ?? otherwise;
    if (name === "peercert") return this.#certificate() ?? otherwise;
    return super.getExtraInfo(name, otherwise);
  }

  #certificate(): object | null {
    if (this.#peercert === null) {
      const certificate = this.#tls.getPeerCertificate() as object | null;
      if (certificate !== null && Object.keys(certificate).length > 0) this.#peercert = certificate;
    }
    return this.#peercert;
  }

  /** As for every stream transport; once `close()` was called nothing is sent any more. */
  override write(data: Uint8Array): void {
    if (!this.isClosing()) return super.write(data);
    if (!isUint8Array(data)) throw notBytes("write", data);
    if (data.length > 0) this.lostWrite();
  }

  override canWriteEof(): boolean {
    return false;
  }

  /** @throws {RuntimeError} always: TLS has no end by halves. */
  override writeEof(): void {
    throw new RuntimeError("Cannot write EOF: a connection with TLS ends as a whole; call close()");
  }

  override close(): void {
    if (!this.isClosing()) this.#shutdown = this.loop.callLater(this.#shutdownTimeout, shutdownTimedOut, this);
    super.close();
  }

  /** @internal Says goodbye; when the peer has answered, the socket is gone. */
  protected override flushed(): void {
    this.socket.end();
    this.socket.resume();
  }

  /** @internal */
  timedOut(): void {
    this.forceClose(
      new TimeoutError(
        `Cannot close the connection in order: the peer has not ended it within ${this.#shutdownTimeout} ms`,
      ),
    );
  }

  /** @internal */
  override finish(error: unknown): void {
    this.#shutdown?.cancel();
    super.finish(error);
  }
}

/** The callback of the loop: its name stands in reports. */
function shutdownTimedOut(transport: TlsTransport): void {
  transport.timedOut();
}
