import type { Socket } from "node:net";
import type { Client, Dispatcher } from "undici";
import { undici } from "./undici.ts";

/** How many requests an HTTP/2 connection takes at once, unless its server says less: the rest waits within it. */
const STREAMS = 100;

/**
 * One connection: a socket with a parser, which ends with it. undici's client would connect again by itself, and send again what
 * it holds: it is destroyed as soon as its socket has gone.
 */
export class Connection {
  /** Requests on it. */
  inFlight = 0;
  /** How many requests it takes at once. */
  readonly room: number;
  /** Whether it has been of use before. */
  used = false;
  /** Whether the pool has it among those with room. */
  listed = false;
  readonly #client: Client;
  readonly #socket: Socket;

  /** @param closed is called once, when the socket has gone. */
  constructor(origin: string, socket: Socket, closed: (connection: Connection) => void) {
    this.#socket = socket;
    const multiplexed = (socket as { alpnProtocol?: unknown }).alpnProtocol === "h2";
    this.room = multiplexed ? STREAMS : 1;
    this.#client = new (undici().Client)(origin, {
      // undici needs time to note that it connects.
      connect: (_options, callback) => queueMicrotask(() => callback(null, socket)),
      pipelining: this.room,
      allowH2: multiplexed,
      maxConcurrentStreams: STREAMS,
      // Time limits are the loop's.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    const end = (_origin: URL, _targets: readonly Dispatcher[], error: Error): void => this.destroy(error);
    this.#client.on("disconnect", end).on("connectionError", end);
    socket.once("close", () => closed(this));
  }

  /** Whether it can take another request. One with a body that comes in parts has it for itself when it begins. */
  takes(streamed: boolean): boolean {
    return this.usable && this.inFlight < (streamed ? 1 : this.room);
  }

  get usable(): boolean {
    return !this.#socket.destroyed && !this.#client.destroyed;
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.#client.dispatch(options, handler);
  }

  /** Closes it at once. What is on it fails with `error`. */
  destroy(error?: Error): void {
    if (this.#client.destroyed) return;
    void this.#client.destroy(error ?? null);
    // Before it is first used, the client does not know its socket.
    this.#socket.destroy();
  }
}
