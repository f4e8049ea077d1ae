import type { RemoteInfo, Socket } from "node:dgram";
import { isUint8Array } from "node:util/types";
import { type Context, type EventLoop, type Future, copyContext } from "tsyncio";
import { DatagramDelivery } from "./datagram-delivery.ts";
import { FlowControl } from "./flow-control.ts";
import { notBytes } from "./not-bytes.ts";
import type { DatagramProtocol, SocketAddress } from "./protocol.ts";
import { addressText } from "./socket-address.ts";
import { isSystemError } from "./system-error.ts";
import { DatagramTransport, type WriteBufferLimits } from "./transport.ts";

/** Where a datagram goes to. A name is resolved. */
export interface Destination {
  readonly address: string;
  readonly port: number;
}

/** Hears what has become of a datagram: null, or Node's error. */
type Sent = (error: Error | null) => void;

/** So many datagrams into a closed connection are overlooked. */
const SILENT_SENDS = 4;

/**
 * The transport of datagrams over a `dgram.Socket` that is bound.
 *
 * Node's events only append, and one callback of the loop hands over all that came in one go, in the context in which the
 * transport was made. A protocol whose `[FED_DIRECTLY]` is true gets its datagrams and errors from within Node's event.
 *
 * | state | entered by | left by |
 * |---|---|---|
 * | open | constructor; `connectionMade` is scheduled, then datagrams are received | `close()` → closing; `abort()`, an error that is not of the system → losing |
 * | closing | nothing is received or taken any more; what was given is still to be sent | all is sent → losing |
 * | losing | `connectionLost` is scheduled | it was called → closed |
 * | closed | the socket is closed; or the loop was | |
 */
export class DatagramSocketTransport extends DatagramTransport {
  /** @internal */ readonly loop: EventLoop;
  readonly #socket: Socket;
  readonly #remote: SocketAddress | null;
  /** The kernel knows the peer. */
  readonly #connected: boolean;
  readonly #context: Context;
  readonly #flow: FlowControl;
  #protocol: DatagramProtocol;
  #state: "open" | "closing" | "losing" | "closed" = "open";
  readonly #delivery: DatagramDelivery;
  /** Datagrams of which it is not known what has become. */
  #underWay = 0;
  #drainScheduled = false;
  #lostSends = 0;

  /**
   * @internal Use `createDatagramEndpoint()` or `openDatagram()`.
   * @param remote where everything goes to, if to one place.
   * @param connected whether the socket is connected to it.
   * @param ready is done when `connectionMade` has been called.
   */
  constructor(
    loop: EventLoop,
    socket: Socket,
    protocol: DatagramProtocol,
    remote: SocketAddress | null,
    connected: boolean,
    ready: Future<undefined>,
  ) {
    super({ socket, sockname: addressOf(socket), peername: connected ? remote : null });
    this.loop = loop;
    this.#socket = socket;
    this.#protocol = protocol;
    this.#remote = remote;
    this.#connected = connected;
    this.#context = copyContext();
    this.#flow = new FlowControl(this);
    this.#delivery = new DatagramDelivery(this, this.#context);
    socket.on("message", this.#onMessage).on("error", this.#onError).on("close", this.#onClose);
    loop.resources.add(this);
    loop.callSoonIn(this.#context, connectionMade, this, ready);
  }

  /** @internal */
  begin(ready: Future<undefined>): void {
    try {
      this.#protocol.connectionMade(this);
    } finally {
      this.#delivery.begun = true;
      if (!ready.done()) ready.setResult(undefined);
    }
  }

  override isClosing(): boolean {
    return this.#state !== "open";
  }

  override setProtocol(protocol: DatagramProtocol): void {
    this.#protocol = protocol;
  }

  override getProtocol(): DatagramProtocol {
    return this.#protocol;
  }

  /** Sets the marks of the write buffer: see `WriteTransport.setWriteBufferLimits`. */
  setWriteBufferLimits(limits?: WriteBufferLimits): void {
    this.#flow.setLimits(limits);
  }

  /** The low and the high mark. */
  getWriteBufferLimits(): readonly [low: number, high: number] {
    return [this.#flow.low, this.#flow.high];
  }

  /** How many bytes the kernel has not taken yet. */
  getWriteBufferSize(): number {
    if (this.#lost) return 0;
    try {
      return this.#socket.getSendQueueSize();
    } catch {
      // Somebody else has closed it.
      return 0;
    }
  }

  get #lost(): boolean {
    return this.#state === "losing" || this.#state === "closed";
  }

  /**
   * Sends one datagram, which may be empty, to `to` or to where all go. It is not copied: it must not change until it is sent.
   * An error of sending is told to the protocol by `errorReceived`.
   *
   * @throws {TypeError} for what is no Uint8Array, and for what is no address.
   * @throws {RangeError} for an address when the transport has one that is not the same; for none when it has none.
   */
  override sendto(data: Uint8Array, to: Destination | null = null): void {
    this.dispatch(data, to, null);
  }

  /** @internal `sendto` that tells `sent`, in place of the protocol, what has become of the datagram. */
  dispatch(data: Uint8Array, to: Destination | null, sent: Sent | null): void {
    if (!isUint8Array(data)) throw notBytes("send", data);
    const target = this.#target(to);
    if (this.#state !== "open") return this.#lostSend();
    const done = sent === null ? this.#done : this.#telling(sent);
    this.#underWay++;
    try {
      if (this.#connected) this.#socket.send(data, done);
      else this.#socket.send(data, target.port, target.address, done);
    } catch (error) {
      this.#underWay--;
      this.#fatal(error, "Fatal write error on datagram transport");
      return;
    }
    this.#flow.grew();
  }

  #target(to: Destination | null): Destination {
    const remote = this.#remote;
    if (to === null) {
      if (remote === null) throw new RangeError("Cannot send: no address is given, and the transport is not connected");
      return remote;
    }
    checkDestination(to);
    if (remote !== null && (to.address !== remote.address || to.port !== remote.port))
      throw new RangeError(
        `Cannot send to ${to.address}:${to.port}: all goes to ${addressText(remote)}; pass no address`,
      );
    return to;
  }

  #lostSend(): void {
    if (++this.#lostSends === SILENT_SENDS + 1)
      console.warn(`tsyncio: ${String(this)} is closed, and is still sent to; look at isClosing() or connectionLost()`);
  }

  /** After every datagram. */
  readonly #done = (error: Error | null): void => {
    if (error !== null) this.#failed(error);
    this.#sent();
  };

  #telling(sent: Sent): Sent {
    return (error) => {
      sent(error);
      this.#sent();
    };
  }

  #sent(): void {
    this.#underWay--;
    if (this.#drainScheduled || this.#lost) return;
    const drained = this.#flow.paused && this.getWriteBufferSize() <= this.#flow.low;
    if (!drained && !(this.#state === "closing" && this.#underWay === 0)) return;
    this.#drainScheduled = true;
    this.loop.callSoonIn(this.#context, writeBufferDrained, this);
  }

  /** @internal */
  drained(): void {
    this.#drainScheduled = false;
    if (this.#lost) return;
    this.#flow.shrank();
    if (this.#state === "closing" && this.#underWay === 0) this.#lose(null);
  }

  override close(): void {
    if (this.#state !== "open") return;
    this.#state = "closing";
    this.#delivery.clear();
    if (this.#underWay === 0) this.#lose(null);
  }

  override abort(): void {
    if (this.#lost) return;
    this.#lose(null);
  }

  #fatal(exception: unknown, message: string): void {
    if (!isSystemError(exception))
      this.loop.callExceptionHandler({ message, exception, transport: this, protocol: this.#protocol });
    if (!this.#lost) this.#lose(exception);
  }

  #lose(error: unknown): void {
    this.#state = "losing";
    this.#delivery.clear();
    this.loop.callSoonIn(this.#context, connectionLost, this, error);
  }

  /** @internal */
  finish(error: unknown): void {
    if (this.#state === "closed") return;
    try {
      this.#protocol.connectionLost(error);
    } finally {
      this.#release();
    }
  }

  #release(): void {
    this.#state = "closed";
    const socket = this.#socket;
    socket.off("message", this.#onMessage).off("close", this.#onClose);
    this.loop.resources.delete(this);
    try {
      socket.close(() => void socket.off("error", this.#onError));
    } catch {
      // Somebody else has closed it.
      socket.off("error", this.#onError);
    }
  }

  /** @internal */
  loopClosed(): void {
    if (this.loop.getDebug()) process.emitWarning(`unclosed transport ${String(this)}`, "ResourceWarning");
    this.#release();
  }

  readonly #onMessage = (data: Buffer, { address, port, family }: RemoteInfo): void => {
    if (this.#state === "open") this.#delivery.datagram(data, { address, port, family });
  };

  readonly #onError = (error: Error): void => {
    if (isSystemError(error)) this.#failed(error);
    else if (!this.#lost) this.#fatal(error, "Fatal read error on datagram transport");
  };

  readonly #onClose = (): void => {
    if (!this.#lost) this.#lose(null);
  };

  #failed(error: unknown): void {
    if (this.#state === "open") this.#delivery.error(error);
  }

  override toString(): string {
    const { address, port } = this.getExtraInfo("sockname", { address: "?", port: 0 }) as Destination;
    const to = this.#remote === null ? "" : ` remote=${addressText(this.#remote)}`;
    return `<${this.constructor.name} ${this.#state} local=${address}:${port}${to}>`;
  }
}

function addressOf(socket: Socket): SocketAddress {
  const { address, port, family } = socket.address();
  return { address, port, family: family === "IPv6" ? "IPv6" : "IPv4" };
}

function checkDestination({ address, port }: Destination): void {
  if (typeof address !== "string")
    throw new TypeError(`Cannot send: address must be a string, received ${String(address)}`);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new RangeError(
      `Cannot send to ${address}: port must be an integer from 1 to 65535, received ${String(port)}`,
    );
}

// Callbacks of the loop: their names stand in reports.

function connectionMade(transport: DatagramSocketTransport, ready: Future<undefined>): void {
  transport.begin(ready);
}

function writeBufferDrained(transport: DatagramSocketTransport): void {
  transport.drained();
}

function connectionLost(transport: DatagramSocketTransport, error: unknown): void {
  transport.finish(error);
}
