import type { Socket } from "node:net";
import { isUint8Array } from "node:util/types";
import { type Context, type EventLoop, type Future, KeyboardInterrupt, RuntimeError, copyContext } from "tsyncio";
import { FlowControl } from "./flow-control.ts";
import {
  type BufferedProtocol,
  FED_DIRECTLY,
  type Protocol,
  type SocketAddress,
  type StreamProtocol,
  isBuffered,
} from "./protocol.ts";
import { addressText, localAddress, peerAddress } from "./socket-address.ts";
import { isSystemError } from "./system-error.ts";
import { type ExtraInfo, Transport, type WriteBufferLimits } from "./transport.ts";

/** @internal A connection of a server: a transport, or one that is still to become one. */
export interface Connection {
  close(): void;
  abort(): void;
}

/** @internal What keeps count of open connections: a server. */
export interface ConnectionKeeper {
  attach(connection: Connection): void;
  detach(connection: Connection): void;
}

/** @internal */
export interface SocketTransportOptions {
  /** What `getExtraInfo` knows besides, or instead of, what the socket tells. */
  readonly extra?: ExtraInfo | undefined;
  /** The server that accepted the connection. */
  readonly server?: ConnectionKeeper | undefined;
  /** Is done when `connectionMade` has been called. */
  readonly ready?: Future<undefined> | undefined;
  /** The high mark of the write buffer. */
  readonly high?: number | undefined;
}

const OPEN = 0;
/** `close()` was called; what is buffered is still to be sent. */
const CLOSING = 1;
/** `connectionLost` is scheduled. */
const LOSING = 2;
const CLOSED = 3;
const STATES = ["open", "closing", "closing", "closed"];

/** At most so much waits for the protocol, in bytes; then the socket is paused. */
const READ_AHEAD = 262_144;
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
 * the handshake on the connected socket and makes the transport. `startTls` takes the socket out of a transport by `detach()`.
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
  /** @internal */ readonly server: ConnectionKeeper | undefined;
  /** @internal */ protected readonly socket: Socket;
  readonly #context: Context;
  readonly #flow: FlowControl;
  #protocol: StreamProtocol;
  #buffered = false;
  #direct = false;
  #state: number = OPEN;
  #paused = false;
  /** Read and not delivered yet. */
  readonly #inbox: Uint8Array[] = [];
  #inboxSize = 0;
  /** The socket is paused because of the inbox. */
  #heldBack = false;
  #deliveryScheduled = false;
  #drainScheduled = false;
  /** Of the peer: none, it came, the protocol has heard of it. */
  #peerEnd: "none" | "came" | "delivered" = "none";
  /** Our own: `writeEof()` was called. */
  #ended = false;
  #lostWrites = 0;

  /** @internal Use `createConnection()`, `createServer()` and their like. */
  constructor(loop: EventLoop, socket: Socket, protocol: StreamProtocol, options: SocketTransportOptions = {}) {
    super({ socket, sockname: localAddress(socket), peername: peerAddress(socket), ...options.extra });
    this.loop = loop;
    this.socket = socket;
    this.server = options.server;
    this.#context = copyContext();
    this.#flow = new FlowControl(this, options.high);
    this.#protocol = protocol;
    this.setProtocol(protocol);
    socket.allowHalfOpen = true;
    socket.setNoDelay(true);
    socket.pause();
    (socket as Driven)[TRANSPORT] = this;
    socket.on("data", onData).on("end", onEnd).on("error", onError).on("close", onClose);
    loop.resources.add(this);
    this.server?.attach(this);
    loop.callSoonIn(this.#context, connectionMade, this, options.ready);
  }

  /** @internal */
  begin(ready: Future<undefined> | undefined): void {
    try {
      this.#protocol.connectionMade(this);
    } finally {
      if (this.isReading()) this.socket.resume();
      if (ready !== undefined && !ready.done()) ready.setResult(undefined);
    }
  }

  override isClosing(): boolean {
    return this.#state !== OPEN;
  }

  override setProtocol(protocol: StreamProtocol): void {
    this.#protocol = protocol;
    this.#buffered = isBuffered(protocol);
    this.#direct = protocol[FED_DIRECTLY] === true;
  }

  override getProtocol(): StreamProtocol {
    return this.#protocol;
  }

  override isReading(): boolean {
    return this.#state === OPEN && !this.#paused;
  }

  override pauseReading(): void {
    if (!this.isReading()) return;
    this.#paused = true;
    this.socket.pause();
  }

  override resumeReading(): void {
    if (this.#state !== OPEN || !this.#paused) return;
    this.#paused = false;
    if (this.#inbox.length > 0 || this.#peerEnd === "came") this.#scheduleDelivery();
    if (!this.#heldBack) this.socket.resume();
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
    if (this.#state >= LOSING) return this.#lostWrite();
    const { socket } = this;
    socket.write(data, this.#written);
    if (socket.writableLength > this.#flow.high) this.#flow.grew();
  }

  override writelines(pieces: Iterable<Uint8Array>): void {
    if (this.#ended) throw new RuntimeError("Cannot write lines: writeEof() was called before");
    const all = [...pieces];
    for (const data of all) if (!isUint8Array(data)) throw notBytes("write lines", data);
    this.socket.cork();
    for (const data of all) this.write(data);
    this.socket.uncork();
  }

  #lostWrite(): void {
    if (++this.#lostWrites === SILENT_WRITES + 1)
      console.warn(
        `tsyncio: ${String(this)} is lost, and is still written to; look at isClosing() or connectionLost()`,
      );
  }

  /** After every write that has come to its end. */
  readonly #written = (error?: Error | null): void => {
    if (error != null) return;
    const { writableLength } = this.socket;
    const drained = this.#flow.paused && writableLength <= this.#flow.low;
    if (drained && this.#direct) this.#flow.shrank();
    if (this.#drainScheduled || !((drained && !this.#direct) || (this.#state === CLOSING && writableLength === 0)))
      return;
    this.#drainScheduled = true;
    this.loop.callSoonIn(this.#context, writeBufferDrained, this);
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
    if (this.#state !== OPEN) return;
    this.#state = CLOSING;
    this.#stopReading();
    if (this.socket.writableLength === 0) this.flushed();
  }

  override abort(): void {
    this.forceClose(null);
  }

  /** @internal Closing, and everything is sent. */
  protected flushed(): void {
    this.lose(null);
  }

  /** @internal Something went wrong that ends the connection. */
  protected fatal(exception: unknown, message: string): void {
    if (!isSystemError(exception))
      this.loop.callExceptionHandler({ message, exception, transport: this, protocol: this.#protocol });
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
    this.#stopReading();
    this.loop.callSoonIn(this.#context, connectionLost, this, error);
  }

  #stopReading(): void {
    this.socket.pause();
    this.#inbox.length = 0;
    this.#inboxSize = 0;
  }

  /** @internal */
  finish(error: unknown): void {
    if (this.#state === CLOSED) return;
    try {
      this.#protocol.connectionLost(error);
    } finally {
      this.#release();
      this.socket.destroy();
      this.server?.detach(this);
    }
  }

  #release(): void {
    this.#state = CLOSED;
    this.socket.off("data", onData).off("end", onEnd).off("error", onError).off("close", onClose);
    this.loop.resources.delete(this);
  }

  /**
   * @internal Gives up its socket to a layer below, what was read and not delivered put back into it. It counts as closed from
   * then on, and calls its protocol no more; the caller attaches what takes its place to `server`, and detaches this one.
   */
  detach(): Socket {
    const { socket } = this;
    const unread = this.#inbox.splice(0);
    this.#stopReading();
    this.#release();
    for (const data of unread.reverse()) socket.unshift(data);
    return socket;
  }

  /** @internal */
  loopClosed(): void {
    if (this.loop.getDebug()) process.emitWarning(`unclosed transport ${String(this)}`, "ResourceWarning");
    this.#release();
    this.socket.destroy();
    this.server?.detach(this);
  }

  /** @internal Node: the peer has sent something. */
  received(data: Uint8Array): void {
    if (this.#state !== OPEN) return;
    if (this.#direct && this.#inbox.length === 0) return this.#handOver(data);
    this.#inbox.push(data);
    this.#inboxSize += data.length;
    if (this.#inboxSize > READ_AHEAD && !this.#heldBack) {
      this.#heldBack = true;
      this.socket.pause();
    }
    this.#scheduleDelivery();
  }

  /** @internal Node: the peer will send no more. */
  peerEnded(): void {
    if (this.#state !== OPEN) return;
    this.#peerEnd = "came";
    if (this.#direct && this.#inbox.length === 0 && !this.#paused) this.#endOfPeer();
    else this.#scheduleDelivery();
  }

  #scheduleDelivery(): void {
    if (this.#deliveryScheduled || this.#paused) return;
    this.#deliveryScheduled = true;
    this.loop.callSoonIn(this.#context, deliver, this);
  }

  /** @internal Hands over what has come. */
  deliver(): void {
    this.#deliveryScheduled = false;
    const inbox = this.#inbox;
    while (inbox.length > 0 && this.isReading()) {
      const data = inbox.shift() as Uint8Array;
      this.#inboxSize -= data.length;
      this.#handOver(data);
    }
    if (!this.isReading()) return;
    if (this.#heldBack) {
      this.#heldBack = false;
      this.socket.resume();
    }
    if (this.#peerEnd === "came") this.#endOfPeer();
  }

  #handOver(data: Uint8Array): void {
    if (this.#buffered) return this.#fill(data);
    try {
      (this.#protocol as Protocol).dataReceived(data);
    } catch (error) {
      this.#protocolFailed("dataReceived", error);
    }
  }

  /** Into the buffers of the protocol, as long as it reads. */
  #fill(data: Uint8Array): void {
    const protocol = this.#protocol as BufferedProtocol;
    let method = "getBuffer";
    try {
      const buffer = protocol.getBuffer(data.length);
      if (buffer.length === 0) throw new RuntimeError("Cannot read: getBuffer() gave an empty buffer");
      const size = Math.min(buffer.length, data.length);
      buffer.set(size === data.length ? data : data.subarray(0, size));
      method = "bufferUpdated";
      protocol.bufferUpdated(size);
      if (size === data.length) return;
      data = data.subarray(size);
    } catch (error) {
      return this.#protocolFailed(method, error);
    }
    if (this.isReading()) return this.#handOver(data);
    if (this.#state !== OPEN) return;
    this.#inbox.unshift(data);
    this.#inboxSize += data.length;
  }

  #endOfPeer(): void {
    this.#peerEnd = "delivered";
    let keepOpen: boolean | undefined | void;
    try {
      keepOpen = this.#protocol.eofReceived();
    } catch (error) {
      return this.#protocolFailed("eofReceived", error);
    }
    if (!keepOpen) this.close();
  }

  #protocolFailed(method: string, error: unknown): void {
    if (error instanceof KeyboardInterrupt) throw error;
    this.fatal(error, `Fatal error: protocol.${method}() call failed`);
  }

  /** @internal Node: reading or writing has failed. */
  broke(error: unknown): void {
    const what = (error as NodeJS.ErrnoException).syscall === "read" ? "read" : "write";
    this.fatal(error, `Fatal ${what} error on socket transport`);
  }

  /** @internal Node: the socket is gone. */
  gone(): void {
    // Both halves were ended in order: close() is still to come.
    if (this.#state === OPEN && this.#ended && this.#peerEnd !== "none") return;
    this.lose(null);
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

function deliver(transport: SocketTransport): void {
  transport.deliver();
}

function writeBufferDrained(transport: SocketTransport): void {
  transport.drained();
}

function connectionLost(transport: SocketTransport, error: unknown): void {
  transport.finish(error);
}

function notBytes(what: string, data: unknown): TypeError {
  const given = data === null ? "null" : typeof data === "object" ? Object.prototype.toString.call(data) : typeof data;
  return new TypeError(
    `Cannot ${what}: data must be a Uint8Array, received ${given}; encode text with Buffer.from(text)`,
  );
}
