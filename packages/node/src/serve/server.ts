import type { Server as NodeServer, Socket } from "node:net";
import {
  CancelledError,
  type Context,
  type Coroutine,
  Event,
  type EventLoop,
  type Future,
  RuntimeError,
  copyContext,
  coroutine,
  getRunningLoop,
  sleep,
} from "tsyncio";
import { shownAsText } from "../shown-as-text.ts";
import { type Layer, accept } from "../transport/attach.ts";
import type { SocketAddress, StreamProtocol } from "../transport/protocol.ts";
import { addressText } from "../transport/socket-address.ts";
import type { Connection, ConnectionKeeper } from "../transport/socket-transport.ts";
import type { ExtraInfo } from "../transport/transport.ts";
import { AbstractServer } from "./abstract-server.ts";
import { type ListenHooks, type ListenTarget, ListeningSocket } from "./listening-socket.ts";

/** How a server makes something of a socket that it has accepted. */
export interface Acceptance {
  readonly factory: () => StreamProtocol;
  readonly layer?: Layer | undefined;
  readonly keepAlive?: boolean | undefined;
}

/** Milliseconds between two reports. */
const REPORT_EVERY = 1_000;
/** So many connections may wait for a server that listens and does not serve yet. */
const MOST_HELD = 511;

/**
 * Listens on one or more sockets and makes a protocol for each connection. `createServer()` and its like make it. One that is
 * still open when its loop is closed, as `run` does at the end, is closed then, with a ResourceWarning in debug mode.
 *
 * | state | entered by | left by |
 * |---|---|---|
 * | bound | the constructor; connections are held back | `startServing()`, `serveForever()` → serving; `close()` → closed |
 * | serving | | `close()` → closed |
 * | closed | it listens no more | |
 *
 * @see https://docs.python.org/3.13/library/asyncio-eventloop.html#asyncio.Server
 */
export class Server extends AbstractServer implements ConnectionKeeper {
  /** @internal */ readonly loop: EventLoop = getRunningLoop();
  readonly #context: Context = copyContext();
  readonly #acceptance: Acceptance;
  readonly #listening: ListeningSocket[] = [];
  readonly #clients = new Set<Connection>();
  readonly #ended = new Event();
  #state: "bound" | "serving" | "closed" = "bound";
  /** Accepted before it serves. */
  #held: { readonly socket: Socket; readonly extra: ExtraInfo | undefined }[] = [];
  #forever: Future<never> | null = null;
  #reported = -Infinity;
  static {
    shownAsText(this.prototype);
  }

  /** @internal Use `createServer()` or `createUnixServer()`. */
  constructor(acceptance: Acceptance) {
    super();
    this.#acceptance = acceptance;
    this.loop.resources.add(this);
  }

  /** @internal Listens on one more socket. @throws Node's error. */
  listen(target: ListenTarget, hooks: ListenHooks = {}): Coroutine<void> {
    return Server.#listen(this, target, hooks);
  }

  static readonly #listen = coroutine(function* listen(server: Server, target: ListenTarget, hooks: ListenHooks) {
    const socket = new ListeningSocket(server, { keepAlive: server.#acceptance.keepAlive ?? false, hooks });
    server.#listening.push(socket);
    try {
      yield* socket.open(target);
    } catch (error) {
      socket.close();
      server.#listening.pop();
      throw error;
    }
  });

  /** @internal Takes over a server of Node, which listens. */
  adopt(server: NodeServer): void {
    this.#listening.push(new ListeningSocket(this, { server }));
  }

  /** What it listens on; nothing when it is closed. */
  get sockets(): readonly SocketAddress[] {
    return this.#state === "closed" ? [] : this.#listening.map(({ address }) => address);
  }

  override getLoop(): EventLoop {
    return this.loop;
  }

  override isServing(): boolean {
    return this.#state === "serving";
  }

  /**
   * Begins to accept connections; again does nothing. Those that came before it served are accepted now.
   *
   * @throws {RuntimeError} when it is closed.
   */
  override startServing(): Coroutine<void> {
    return Server.#start(this);
  }

  static readonly #start = coroutine(function* startServing(server: Server) {
    server.#serve("start serving");
    yield* sleep(0);
  });

  #serve(what: string): void {
    if (this.#state === "closed") throw new RuntimeError(`Cannot ${what}: the server is closed`);
    this.#state = "serving";
    for (const { socket, extra } of this.#held.splice(0)) this.connected(socket, extra);
  }

  /**
   * Accepts connections until it is closed.
   *
   * **When cancelled**: it is closed, and its connections are waited for.
   *
   * @throws {CancelledError} when it is closed, by cancelling this or by `close()`.
   * @throws {RuntimeError} when it is closed already, or somebody serves already.
   * @see https://docs.python.org/3.13/library/asyncio-eventloop.html#asyncio.Server.serve_forever
   */
  override serveForever(): Coroutine<never> {
    return Server.#serveForever(this);
  }

  static readonly #serveForever = coroutine(function* serveForever(server: Server) {
    if (server.#forever !== null)
      throw new RuntimeError("Cannot serve forever: serveForever() is being awaited already");
    server.#serve("serve forever");
    server.#forever = server.loop.createFuture<never>();
    try {
      return yield* server.#forever;
    } catch (error) {
      if (error instanceof CancelledError) {
        server.close();
        yield* server.waitClosed();
      }
      throw error;
    } finally {
      server.#forever = null;
    }
  });

  /**
   * It listens no more: connections are refused from now on. Those that it accepted live on. Again does nothing.
   *
   * @see https://docs.python.org/3.13/library/asyncio-eventloop.html#asyncio.Server.close
   */
  override close(): void {
    if (this.#state === "closed") return;
    this.#letGo();
    this.#forever?.cancel();
    this.#endIfOver();
  }

  #letGo(): void {
    this.#state = "closed";
    this.loop.resources.delete(this);
    for (const socket of this.#listening.splice(0)) socket.close();
    for (const { socket } of this.#held.splice(0)) socket.destroy();
  }

  /** @internal */
  loopClosed(): void {
    if (this.loop.getDebug()) process.emitWarning(`unclosed server ${String(this)}`, "ResourceWarning");
    this.#letGo();
  }

  /** Ends every connection in order, as the `close()` of its transport does. */
  override closeClients(): void {
    for (const client of this.#clients) client.close();
  }

  /** Ends every connection at once, as the `abort()` of its transport does. */
  override abortClients(): void {
    for (const client of this.#clients) client.abort();
  }

  /**
   * Waits until it is closed and its connections have ended: `connectionLost` of each has been called.
   *
   * **When cancelled**: nothing is lost, it can be called again.
   *
   * @see https://docs.python.org/3.13/library/asyncio-eventloop.html#asyncio.Server.wait_closed
   */
  override waitClosed(): Coroutine<void> {
    return Server.#waitClosed(this);
  }

  static readonly #waitClosed = coroutine(function* waitClosed(server: Server) {
    yield* server.#ended.wait();
  });

  /** @internal */
  attach(connection: Connection): void {
    this.#clients.add(connection);
  }

  /** @internal */
  detach(connection: Connection): void {
    this.#clients.delete(connection);
    this.#endIfOver();
  }

  #endIfOver(): void {
    if (this.#state === "closed" && this.#clients.size === 0) this.#ended.set();
  }

  /** @internal Node: a client has connected. */
  connected(socket: Socket, extra: ExtraInfo | undefined): void {
    if (this.#state === "serving") this.loop.callSoonIn(this.#context.copy(), acceptConnection, this, socket, extra);
    else if (this.#state === "bound" && this.#held.length < MOST_HELD) this.#held.push({ socket, extra });
    else socket.destroy();
  }

  /** @internal */
  accept(socket: Socket, extra: ExtraInfo | undefined): void {
    const { factory, layer } = this.#acceptance;
    if (this.#state === "closed") socket.destroy();
    else accept(this.loop, socket, factory, { layer, extra, server: this });
  }

  /** @internal Node: out of descriptors, say. */
  failed(message: string, exception: unknown): void {
    const now = this.loop.time();
    if (now - this.#reported < REPORT_EVERY) return;
    this.#reported = now;
    this.loop.callExceptionHandler({ message, exception, server: this });
  }

  override toString(): string {
    const sockets = this.sockets.map(addressText).join(", ");
    return `<Server ${this.#state}${sockets === "" ? "" : ` sockets=${sockets}`}>`;
  }
}

/** The callback of the loop for each connection. */
function acceptConnection(server: Server, socket: Socket, extra: ExtraInfo | undefined): void {
  server.accept(socket, extra);
}
