import { type Context, type EventLoop, KeyboardInterrupt } from "tsyncio";
import { type DatagramProtocol, FED_DIRECTLY, type SocketAddress } from "./protocol.ts";

/** Whose protocol is told. */
interface Receiver {
  readonly loop: EventLoop;
  getProtocol(): DatagramProtocol;
}

/** A datagram and its sender, or an error and null. */
type Arrival = readonly [data: Buffer, from: SocketAddress] | readonly [error: unknown, from: null];

/** What came for a protocol and was not handed over yet. */
export class DatagramDelivery {
  /** The protocol knows of its transport. */
  begun = false;
  readonly #receiver: Receiver;
  readonly #context: Context;
  readonly #inbox: Arrival[] = [];
  #scheduled = false;

  constructor(receiver: Receiver, context: Context) {
    this.#receiver = receiver;
    this.#context = context;
  }

  datagram(data: Buffer, from: SocketAddress): void {
    this.#came([data, from]);
  }

  error(error: unknown): void {
    this.#came([error, null]);
  }

  #came(arrival: Arrival): void {
    const { loop } = this.#receiver;
    if (this.begun && this.#receiver.getProtocol()[FED_DIRECTLY] === true) return this.#handOver(arrival);
    this.#inbox.push(arrival);
    if (this.#scheduled) return;
    this.#scheduled = true;
    loop.callSoonIn(this.#context, deliver, this);
  }

  /** Hands over what has come. */
  run(): void {
    this.#scheduled = false;
    const inbox = this.#inbox;
    while (inbox.length > 0) this.#handOver(inbox.shift() as Arrival);
  }

  #handOver([what, from]: Arrival): void {
    const { loop } = this.#receiver;
    const protocol = this.#receiver.getProtocol();
    try {
      if (from === null) protocol.errorReceived(what);
      else protocol.datagramReceived(what as Buffer, from);
    } catch (exception) {
      if (exception instanceof KeyboardInterrupt) throw exception;
      const message = `Exception in protocol.${from === null ? "errorReceived" : "datagramReceived"}()`;
      loop.callExceptionHandler({ message, exception, transport: this.#receiver, protocol });
    }
  }

  /** Nothing is handed over any more. */
  clear(): void {
    this.#inbox.length = 0;
  }
}

/** The callback of the loop: its name stands in reports. */
function deliver(delivery: DatagramDelivery): void {
  delivery.run();
}
