import { type Awaitable, type Coroutine, type EventLoop, Queue, QueueShutDown, coroutine } from "tsyncio";
import { ConnectionLostError } from "../errors.ts";
import { shownAsText } from "../shown-as-text.ts";
import { Waiters } from "../stream/waiters.ts";
import type { DatagramSocketTransport, Destination } from "../transport/datagram-transport.ts";
import { DatagramProtocol, FED_DIRECTLY, type SocketAddress } from "../transport/protocol.ts";
import type { DatagramTransport } from "../transport/transport.ts";

/** What was received. */
export interface Datagram {
  readonly data: Buffer;
  readonly from: SocketAddress;
}

/** How a socket is doing. */
export interface DatagramStatistics {
  /** How many datagrams have come. */
  readonly received: number;
  /** How many of them nobody will see: they came while the queue was full. */
  readonly dropped: number;
  /** How many wait to be received. */
  readonly queued: number;
}

/** What comes, until it is taken: a datagram, or the error of an earlier one. */
type Arrival = Datagram | { readonly error: unknown };

/** The protocol of a `DatagramSocket`: keeps what comes. */
export class DatagramInbox extends DatagramProtocol {
  /** @internal */ override readonly [FED_DIRECTLY]: boolean = true;
  readonly arrivals: Queue<Arrival>;
  received = 0;
  dropped = 0;
  lost = false;
  readonly closing: Waiters;

  constructor(maxQueue: number, loop: EventLoop) {
    super();
    this.arrivals = new Queue<Arrival>(maxQueue);
    this.closing = new Waiters(loop);
  }

  override datagramReceived(data: Uint8Array, from: SocketAddress): void {
    this.received++;
    if (this.arrivals.full()) this.dropped++;
    else this.arrivals.putNowait({ data: data as Buffer, from });
  }

  override errorReceived(error: unknown): void {
    if (!this.arrivals.full()) this.arrivals.putNowait({ error });
  }

  override connectionLost(): void {
    this.lost = true;
    this.arrivals.shutdown();
    this.closing.release();
  }
}

/**
 * A UDP socket: see `openDatagram`.
 *
 * What comes waits in a queue until it is received. When that is full, what comes next is dropped and counted, as the system
 * does it.
 *
 * @see https://docs.python.org/3.13/library/asyncio-protocol.html#datagram-transports
 */
export class DatagramSocket implements AsyncIterable<Datagram, undefined>, AsyncDisposable {
  readonly #transport: DatagramSocketTransport;
  readonly #inbox: DatagramInbox;
  static {
    shownAsText(this.prototype);
  }

  /** @internal Use `openDatagram()`. */
  constructor(transport: DatagramSocketTransport, inbox: DatagramInbox) {
    this.#transport = transport;
    this.#inbox = inbox;
  }

  /** Its own address. */
  get local(): SocketAddress {
    return this.#transport.getExtraInfo("sockname") as SocketAddress;
  }

  /** The only address that it talks to; null when it talks to any. */
  get remote(): SocketAddress | null {
    return this.#transport.getExtraInfo("peername") as SocketAddress | null;
  }

  /** The transport below: `getExtraInfo("socket")` is Node's socket, for multicast and the like. */
  get transport(): DatagramTransport {
    return this.#transport;
  }

  /**
   * Sends bytes, or text as its UTF-8, as one datagram: to `to`, or to where the socket is connected. It is sent whether or not
   * what it gives is awaited; that is done when the system has taken it, which is not to say that it arrives.
   *
   * **When cancelled**: the datagram is sent all the same.
   *
   * @throws Node's error, to who awaits it: `code` "EMSGSIZE" for one that is too big, "ENOTFOUND" for a name, …
   * @throws {TypeError} for what is neither bytes nor text.
   * @throws {RangeError} for an address when the socket is connected to another, and for none when it is not connected.
   * @throws {ConnectionLostError} when the socket is closed.
   */
  send(data: string | Uint8Array, to: Destination | null = null): Awaitable<void> {
    const transport = this.#transport;
    if (transport.isClosing()) throw closedError("send");
    const sent = transport.loop.createFuture<void>();
    transport.dispatch(typeof data === "string" ? Buffer.from(data) : data, to, (error) => {
      if (sent.done()) return;
      if (error === null) return sent.setResult();
      sent.setException(error);
      // Nobody has to wait for it.
      sent.exception();
    });
    return sent;
  }

  /**
   * Waits for a datagram. Several tasks may wait; they get what comes in the order in which they asked.
   *
   * **When cancelled**: no datagram is lost.
   *
   * @throws Node's error about a datagram that was sent before, once: `code` "ECONNREFUSED" when nobody listens where the
   *   socket is connected to. The socket can still be used.
   * @throws {ConnectionLostError} when the socket is closed and everything is received.
   */
  receive(): Coroutine<Datagram> {
    return receiving(this.#inbox);
  }

  /** What comes, until the socket is closed and everything is received. Throws what `receive()` throws, except for that end. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Datagram, undefined> {
    const datagrams = {
      next: () => receivingNext(this.#inbox),
      [Symbol.asyncIterator]: () => datagrams,
    };
    return datagrams;
  }

  /** Closes it when everything is sent. What has come can still be received. */
  close(): void {
    this.#transport.close();
  }

  /** Waits until it is closed. It does not close it. */
  waitClosed(): Coroutine<void> {
    return closing(this.#inbox);
  }

  /** Closes it and waits until it is closed, for `await using`. */
  [Symbol.asyncDispose](): Coroutine<void> {
    this.close();
    return this.waitClosed();
  }

  statistics(): DatagramStatistics {
    const { received, dropped, arrivals } = this.#inbox;
    return Object.freeze({ received, dropped, queued: arrivals.qsize() });
  }

  toString(): string {
    return `<${this.constructor.name} transport=${String(this.#transport)}>`;
  }
}

const receiving = coroutine(function* receive({ arrivals }: DatagramInbox) {
  let arrival: Arrival;
  try {
    arrival = yield* arrivals.get();
  } catch (error) {
    if (!(error instanceof QueueShutDown)) throw error;
    throw closedError("receive");
  }
  if ("error" in arrival) throw arrival.error;
  return arrival;
});

const receivingNext = coroutine(function* receive(
  inbox: DatagramInbox,
): Generator<undefined, IteratorResult<Datagram, undefined>, unknown> {
  try {
    return { done: false, value: yield* receiving(inbox) };
  } catch (error) {
    if (!(error instanceof ConnectionLostError)) throw error;
    return { done: true, value: undefined };
  }
});

const closing = coroutine(function* waitClosed(inbox: DatagramInbox) {
  if (!inbox.lost) yield* inbox.closing.wait();
});

function closedError(what: string): ConnectionLostError {
  return new ConnectionLostError(`Cannot ${what}: the socket is closed`);
}
