import type { Socket } from "node:net";
import { isUint8Array } from "node:util/types";
import { type Context, type EventLoop, type Future, RuntimeError, copyContext } from "tsyncio";
import { shownAsText } from "../shown-as-text.ts";
import { FlowControl } from "./flow-control.ts";
import { notBytes } from "./not-bytes.ts";
import type { SocketAddress, StreamProtocol } from "./protocol.ts";
import { addressText, localAddress, peerAddress } from "./socket-address.ts";
import { SocketReading } from "./socket-reading.ts";
import { isSystemError } from "./system-error.ts";
import { type ExtraInfo, Transport, type WriteBufferLimits } from "./transport.ts";

/** A connection of a server: a transport, or one that is still to become one. */
export interface Connection {
  close(): void;
  abort(): void;
}

/** What keeps count of open connections: a server. */
export interface ConnectionKeeper {
  /** @internal */ attach(connection: Connection): void;
  /** @internal */ detach(connection: Connection): void;
}

export interface SocketTransportOptions {
  /** What `getExtraInfo` knows besides, or instead of, what the socket tells. */
  readonly extra?: ExtraInfo | undefined;
  /** The server that accepted the connection. */
  readonly server?: ConnectionKeeper | undefined;
  /** Is done when `connectionMade` has been called. */
  readonly ready?: Future<undefined> | undefined;
  /** The high mark of the write buffer. */
  readonly high?: number | undefined;
  /** Whether the protocol has a connection already, which goes on: `connectionMade` is not called. */
  readonly upgrade?: boolean | undefined;
}

const OPEN = 0;
/** `close()` was called; what is buffered is still to be sent. */
const CLOSING = 1;
/** `connectionLost` is scheduled. */
const LOSING = 2;
const CLOSED = 3;
const STATES = ["open", "closing", "closing", "closed"];

/** So many writes into a lost connection are overlooked. */
const SILENT_WRITES = 4;

/** The transport of each socket that has one: its listeners are four functions for all. */
const TRANSPORT: unique symbol = Symbol("transport");
type Driven = Socket & { [TRANSPORT]: SocketTransport };

/**
 * The transport of a stream connection, TCP or Unix, over a connected `net.Socket`.
 *
 * **How a protocol is fed.** Node's events only append: bytes to the inbox, and one callback to the loop for all that came in
 * one go, in the context in which the transport was made. That callback hands over the pieces (`dataReceived`; for a protocol
 * with `getBuffer` they are copied into its buffers, `bufferUpdated`), then the end of the peer (`eofReceived`), while the
 * protocol is reading. A protocol whose `[FED_DIRECTLY]` is true (protocol.ts; the StreamReaderProtocol) gets its bytes from
 * within Node's event instead, and `resumeWriting` from within Node's write callback. `connectionMade` and `connectionLost`
 * are callbacks of the loop for every protocol.
 *
 * **Below it.** A `tls.TLSSocket` is a `net.Socket`: a TLS connection is a subclass over such a socket, made when the handshake
 * is done. It overrides `canWriteEof`, `writeEof`, and `flushed()`, which is where `close()` has nothing more to send: there
 * TLS says goodbye before it calls `lose()`. It may call `fatal()` and `lose()`, and read `socket` and `loop`. Every maker of
 * stream transports comes through `attach()` or `accept()` (attach.ts) with a `Layer` when `options.tls` is there: that does
 * the handshake on the connected socket and makes the transport. `startTls` takes the socket out of a transport by `detach()`, and
 * `close()` and `abort()` go to its heir from then on.
 *
 * | state | entered by | left by |
 * |---|---|---|
 * | OPEN | constructor; `connectionMade` is scheduled, then reading begins | `close()`, the peer's end → CLOSING; `abort()`, an error → LOSING |
 * | CLOSING | nothing is read any more; writes are still taken while some are buffered | all is sent → LOSING |
 * | LOSING | `connectionLost` is scheduled; writes are dropped | it was called → CLOSED |
 * | CLOSED | the socket is destroyed; or the loop was closed, or `detach()` was called | |
 */
export class SocketTransport extends Transport {
  /** @internal */ readonly loop: EventLoop;
  /** @internal */ readonly context: Context;
  /** @internal */ readonly socket: Socket;
  /** @internal */ readonly server: ConnectionKeeper | undefined;
  readonly #reading: SocketReading;
  readonly #flow: FlowControl;
  #state: number = OPEN;
  #drainScheduled = false;
  /** `writeEof()` was called. */
  #ended = false;
  #lostWrites = 0;
  /** What has the socket: see `detach()`. */
  #heir: Connection | null = null;
  static {
    shownAsText(this.prototype);
  }

  /** @internal Use `createConnection()`, `createServer()` and their like. */
  constructor(loop: EventLoop, socket: Socket, protocol: StreamProtocol, options: SocketTransportOptions = {}) {
    super({ socket, sockname: localAddress(socket), peername: peerAddress(socket), ...options.extra });
    this.loop = loop;
    this.context = copyContext();
    this.socket = socket;
    this.server = options.server;
    this.#reading = new SocketReading(this, protocol);
    this.#flow = new FlowControl(this, options.high);
    socket.allowHalfOpen = true;
    socket.setNoDelay(true);
    socket.pause();
    (socket as Driven)[TRANSPORT] = this;
    socket.on("data", onData).on("end", onEnd).on("error", onError).on("close", onClose);
    loop.resources.add(this);
    this.server?.attach(this);
    loop.callSoonIn(this.context, options.upgrade === true ? connectionGoesOn : connectionMade, this, options.ready);
    // It was lost on its way here, and tells nobody any more.
    if (socket.destroyed) this.lose(socket.errored);
  }

  /** @internal */
  begin(ready: Future<undefined> | undefined): void {
    try {
      this.getProtocol().connectionMade(this);
    } finally {
      this.start(ready);
    }
  }

  /** @internal */
  start(ready: Future<undefined> | undefined): void {
    if (this.isReading()) this.socket.resume();
    if (ready !== undefined && !ready.done()) ready.setResult(undefined);
  }

  override isClosing(): boolean {
    return this.#state !== OPEN;
  }

  override setProtocol(protocol: StreamProtocol): void {
    this.#reading.setProtocol(protocol);
  }

  override getProtocol(): StreamProtocol {
    return this.#reading.protocol;
  }

  override isReading(): boolean {
    return this.#state === OPEN && !this.#reading.paused;
  }

  override pauseReading(): void {
    if (this.isReading()) this.#reading.pause();
  }

  override resumeReading(): void {
    if (this.#state === OPEN && this.#reading.paused) this.#reading.resume();
  }

  override setWriteBufferLimits(limits?: WriteBufferLimits): void {
    this.#flow.setLimits(limits);
  }

  override getWriteBufferLimits(): readonly [low: number, high: number] {
    return [this.#flow.low, this.#flow.high];
  }

  override getWriteBufferSize(): number {
    return this.#state >= LOSING ? 0 : this.socket.writableLength;
  }

  /**
   * Sends bytes, now or as soon as possible. They are not copied: they must not change until they are sent.
   *
   * @throws {TypeError} for what is no Uint8Array.
   * @throws {RuntimeError} after `writeEof()`.
   */
  override write(data: Uint8Array): void {
    if (!isUint8Array(data)) throw notBytes("write", data);
    if (this.#ended) throw new RuntimeError("Cannot write: writeEof() was called before");
    if (data.length === 0) return;
    if (this.#state >= LOSING) return this.lostWrite();
    const { socket } = this;
    socket.write(data, this.#written);
    if (socket.writableLength > this.#flow.high) this.#flow.grew();
  }

  override writelines(pieces: Iterable<Uint8Array>): void {
    if (this.#ended) throw new RuntimeError("Cannot write lines: writeEof() was called before");
    const all = [...pieces];
    for (const data of all) if (!isUint8Array(data)) throw notBytes("write lines", data);
    if (this.#state >= LOSING) return all.length === 0 ? undefined : this.lostWrite();
    this.socket.cork();
    for (const data of all) this.write(data);
    this.socket.uncork();
  }

  /** @internal */
  protected lostWrite(): void {
    if (this.#heir !== null)
      throw new RuntimeError("Cannot write: TLS was started; write to the transport that startTls() gives");
    if (++this.#lostWrites === SILENT_WRITES + 1)
      console.warn(
        `tsyncio: ${String(this)} is lost, and is still written to; look at isClosing() or connectionLost()`,
      );
  }

  /** After every write that has come to its end. */
  readonly #written = (error?: Error | null): void => {
    if (error != null || this.#state >= LOSING) return;
    const flow = this.#flow;
    const { writableLength } = this.socket;
    let due = this.#state === CLOSING && writableLength === 0;
    if (flow.paused && writableLength <= flow.low) {
      if (this.#reading.direct) flow.shrank();
      else due = true;
    }
    if (!due || this.#drainScheduled) return;
    this.#drainScheduled = true;
    this.loop.callSoonIn(this.context, writeBufferDrained, this);
  };

  /** @internal */
  drained(): void {
    this.#drainScheduled = false;
    if (this.#state >= LOSING) return;
    this.#flow.shrank();
    if (this.#state === CLOSING && this.socket.writableLength === 0) this.flushed();
  }

  override canWriteEof(): boolean {
    return true;
  }

  override writeEof(): void {
    if (this.#state !== OPEN || this.#ended) return;
    this.#ended = true;
    this.socket.end();
  }

  override close(): void {
    if (this.#state !== OPEN) return this.#heir?.close();
    this.#state = CLOSING;
    this.#reading.stop();
    if (this.socket.writableLength === 0) this.flushed();
  }

  override abort(): void {
    if (this.#heir === null) this.forceClose(null);
    else this.#heir.abort();
  }

  /** @internal Closing, and everything is sent. */
  protected flushed(): void {
    this.lose(null);
  }

  /** @internal Something went wrong that ends the connection. */
  fatal(exception: unknown, message: string): void {
    if (!isSystemError(exception))
      this.loop.callExceptionHandler({ message, exception, transport: this, protocol: this.getProtocol() });
    else if (this.loop.getDebug()) console.debug(`${String(this)}: ${message}`, exception);
    this.forceClose(exception);
  }

  /** @internal Ends it at once. */
  protected forceClose(error: unknown): void {
    if (this.#state >= LOSING) return;
    this.lose(error);
    this.socket.destroy();
  }

  /** @internal Schedules `connectionLost`, once. */
  protected lose(error: unknown): void {
    if (this.#state >= LOSING) return;
    this.#state = LOSING;
    this.#reading.stop();
    this.loop.callSoonIn(this.context, connectionLost, this, error);
  }

  /** @internal */
  finish(error: unknown): void {
    if (this.#state === CLOSED) return;
    try {
      this.getProtocol().connectionLost(error);
    } finally {
      this.#end();
    }
  }

  #end(): void {
    this.#release();
    this.socket.destroy();
    this.server?.detach(this);
  }

  #release(): void {
    this.#state = CLOSED;
    this.socket.off("data", onData).off("end", onEnd).off("error", onError).off("close", onClose);
    this.loop.resources.delete(this);
  }

  /**
   * @internal Gives up its socket to what `inherit` makes, into which everything goes back that was read and not handed over,
   * `unread` first. It counts as closed from then on, and calls its protocol no more.
   */
  detach<H extends Connection>(unread: Uint8Array, inherit: (socket: Socket) => H): H {
    const { socket } = this;
    const pieces = [unread, ...this.#reading.stop()];
    this.#release();
    this.#flow.shrank();
    if (!socket.readableEnded) for (const data of pieces.reverse()) if (data.length > 0) socket.unshift(data);
    const heir = inherit(socket);
    this.#heir = heir;
    this.server?.detach(this);
    return heir;
  }

  /** @internal */
  loopClosed(): void {
    if (this.loop.getDebug()) process.emitWarning(`unclosed transport ${String(this)}`, "ResourceWarning");
    this.#end();
  }

  /** @internal Node: the peer has sent something. */
  received(data: Uint8Array): void {
    if (this.#state === OPEN) this.#reading.received(data);
  }

  /** @internal Node: the peer will send no more. */
  peerEnded(): void {
    if (this.#state === OPEN) this.#reading.ended();
  }

  /** @internal Node: reading or writing has failed. */
  broke(error: unknown): void {
    // What came before is handed over before.
    if (this.#reading.scheduled) this.loop.callSoonIn(this.context, connectionBroke, this, error);
    else this.failed(error);
  }

  /** @internal */
  failed(error: unknown): void {
    const what = (error as NodeJS.ErrnoException).syscall === "read" ? "read" : "write";
    this.fatal(error, `Fatal ${what} error on socket transport`);
  }

  /** @internal Node: the socket is gone. */
  gone(): void {
    // Both halves were ended in order: close() is still to come.
    if (this.#state === OPEN && this.#ended && this.#reading.end !== "ahead") return;
    if (this.#reading.scheduled) this.loop.callSoonIn(this.context, connectionGone, this);
    else this.lose(null);
  }

  override toString(): string {
    const peer = this.getExtraInfo("peername") as SocketAddress | null;
    const to = peer === null ? "" : ` peer=${addressText(peer)}`;
    const reading = this.isReading() ? "polling" : "idle";
    return `<${this.constructor.name} ${STATES[this.#state]} read=${reading} write=<bufsize=${this.getWriteBufferSize()}>${to}>`;
  }
}

function onData(this: Socket, data: Uint8Array): void {
  (this as Driven)[TRANSPORT].received(data);
}

function onEnd(this: Socket): void {
  (this as Driven)[TRANSPORT].peerEnded();
}

function onError(this: Socket, error: unknown): void {
  (this as Driven)[TRANSPORT].broke(error);
}

function onClose(this: Socket): void {
  (this as Driven)[TRANSPORT].gone();
}

// Callbacks of the loop: their names stand in reports.

function connectionMade(transport: SocketTransport, ready: Future<undefined> | undefined): void {
  transport.begin(ready);
}

function connectionGoesOn(transport: SocketTransport, ready: Future<undefined> | undefined): void {
  transport.start(ready);
}

function writeBufferDrained(transport: SocketTransport): void {
  transport.drained();
}

function connectionBroke(transport: SocketTransport, error: unknown): void {
  transport.failed(error);
}

function connectionGone(transport: SocketTransport): void {
  transport.gone();
}

function connectionLost(transport: SocketTransport, error: unknown): void {
  transport.finish(error);
}
