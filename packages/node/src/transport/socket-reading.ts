import type { Socket } from "node:net";
import { type Context, type EventLoop, KeyboardInterrupt, RuntimeError } from "tsyncio";
import { type BufferedProtocol, FED_DIRECTLY, type Protocol, type StreamProtocol, isBuffered } from "./protocol.ts";

/** The transport, as its reading half sees it. */
interface Reader {
  readonly loop: EventLoop;
  readonly context: Context;
  readonly socket: Socket;
  isReading(): boolean;
  canWriteEof(): boolean;
  close(): void;
  fatal(exception: unknown, message: string): void;
}

/** At most so much waits for the protocol, in bytes; then the socket is paused. */
const READ_AHEAD = 262_144;

/**
 * The reading half of a socket transport: what has come and was not handed over yet, and how it is: see `SocketTransport`.
 *
 * | the end of the peer | entered by | left by |
 * |---|---|---|
 * | ahead | constructor | Node's "end" → come |
 * | come | it waits for what came before it, and for a pause to end | `eofReceived()` is called → delivered |
 * | delivered | | |
 */
export class SocketReading {
  readonly #transport: Reader;
  #protocol: StreamProtocol;
  #buffered = false;
  /** The protocol is called straight from Node's events. */
  direct = false;
  paused = false;
  readonly #inbox: Uint8Array[] = [];
  #inboxSize = 0;
  /** The socket is paused because of the inbox. */
  #heldBack = false;
  /** Something is to be handed over by a callback of the loop. */
  scheduled = false;
  end: "ahead" | "come" | "delivered" = "ahead";

  constructor(transport: Reader, protocol: StreamProtocol) {
    this.#transport = transport;
    this.#protocol = protocol;
    this.setProtocol(protocol);
  }

  get protocol(): StreamProtocol {
    return this.#protocol;
  }

  setProtocol(protocol: StreamProtocol): void {
    this.#protocol = protocol;
    this.#buffered = isBuffered(protocol);
    this.direct = protocol[FED_DIRECTLY] === true;
  }

  pause(): void {
    this.paused = true;
    this.#transport.socket.pause();
  }

  resume(): void {
    this.paused = false;
    if (this.#inbox.length > 0 || this.#heldBack || this.end === "come") this.#schedule();
    if (!this.#heldBack) this.#transport.socket.resume();
  }

  /** For good. Gives what was not handed over. */
  stop(): Uint8Array[] {
    this.#transport.socket.pause();
    this.#inboxSize = 0;
    return this.#inbox.splice(0);
  }

  /** Node: the peer has sent something. */
  received(data: Uint8Array): void {
    if (this.direct && this.#inbox.length === 0) return this.#handOver(data);
    this.#inbox.push(data);
    this.#inboxSize += data.length;
    if (this.#inboxSize > READ_AHEAD && !this.#heldBack) {
      this.#heldBack = true;
      this.#transport.socket.pause();
    }
    this.#schedule();
  }

  /** Node: the peer will send no more. */
  ended(): void {
    this.end = "come";
    if (this.direct && this.#inbox.length === 0 && !this.paused) this.#endOfPeer();
    else this.#schedule();
  }

  #schedule(): void {
    if (this.scheduled || this.paused) return;
    this.scheduled = true;
    const { loop, context } = this.#transport;
    loop.callSoonIn(context, deliver, this);
  }

  /** Hands over what has come. */
  deliver(): void {
    this.scheduled = false;
    const transport = this.#transport;
    const inbox = this.#inbox;
    while (inbox.length > 0 && transport.isReading()) {
      const data = inbox.shift() as Uint8Array;
      this.#inboxSize -= data.length;
      this.#handOver(data);
    }
    if (!transport.isReading()) return;
    if (this.#heldBack) {
      this.#heldBack = false;
      transport.socket.resume();
    }
    if (this.end === "come") this.#endOfPeer();
  }

  #handOver(data: Uint8Array): void {
    if (this.#buffered) return this.#fill(data);
    try {
      (this.#protocol as Protocol).dataReceived(data);
    } catch (error) {
      this.#failed("dataReceived", error);
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
      data = data.subarray(size);
    } catch (error) {
      return this.#failed(method, error);
    }
    if (data.length === 0) return;
    if (this.#transport.isReading()) return this.#handOver(data);
    this.#inbox.unshift(data);
    this.#inboxSize += data.length;
  }

  #endOfPeer(): void {
    this.end = "delivered";
    let keepOpen: boolean | undefined | void;
    try {
      keepOpen = this.#protocol.eofReceived();
    } catch (error) {
      return this.#failed("eofReceived", error);
    }
    if (!keepOpen || !this.#transport.canWriteEof()) this.#transport.close();
  }

  #failed(method: string, error: unknown): void {
    if (error instanceof KeyboardInterrupt) throw error;
    this.#transport.fatal(error, `Fatal error: protocol.${method}() call failed`);
  }
}

/** The callback of the loop: its name stands in reports. */
function deliver(reading: SocketReading): void {
  reading.deliver();
}
