import type { Socket } from "node:net";
import type { SecureContext, TLSSocket } from "node:tls";
import {
  type Context,
  type Coroutine,
  type EventLoop,
  type Future,
  type LoopResource,
  TimeoutError,
  type TimerHandle,
  copyContext,
  coroutine,
} from "tsyncio";
import { ConnectionLostError } from "../errors.ts";
import type { Layer } from "../transport/attach.ts";
import type { SocketAddress, StreamProtocol } from "../transport/protocol.ts";
import { addressText, peerAddress } from "../transport/socket-address.ts";
import type { Connection, SocketTransportOptions } from "../transport/socket-transport.ts";
import type { Limits } from "./tls-options.ts";
import { TlsTransport } from "./tls-transport.ts";

/** How a handshake ends. It may be told more than once: the first time counts. */
export interface Outcome {
  secured(socket: TLSSocket): void;
  failed(error: unknown): void;
}

/** One side of TLS, the client's or the server's. */
export interface Side {
  readonly context: SecureContext;
  /** Begins a handshake on a connected socket. The outcome is told from Node's events. */
  begin(socket: Socket, outcome: Outcome): void;
}

/** What a handshake is to make. */
export interface HandshakePlan {
  readonly side: Side;
  readonly limits: Limits;
  readonly protocol: StreamProtocol;
  readonly options: Pick<SocketTransportOptions, "extra" | "server" | "upgrade">;
}

/**
 * A handshake on a connected socket, which it owns. It counts as a connection of its server: that may close it.
 *
 * | state | entered by | left by |
 * |---|---|---|
 * | begun | constructor | the outcome, the time limit, `close()`, `abort()`, `giveUp()`, the end of the loop |
 * | secured | there is a transport, which calls the protocol and wakes `done()` | |
 * | failed | the socket is destroyed; `done()` throws | |
 */
export class Handshake implements Connection, LoopResource, Outcome {
  /** When it has been made. */
  transport: TlsTransport | null = null;
  readonly #loop: EventLoop;
  readonly #socket: Socket;
  readonly #plan: HandshakePlan;
  readonly #context: Context = copyContext();
  readonly #ready: Future<undefined>;
  readonly #timer: TimerHandle;
  #begun = true;

  /** To be made in a callback of the loop. */
  constructor(loop: EventLoop, socket: Socket, plan: HandshakePlan) {
    this.#loop = loop;
    this.#socket = socket;
    this.#plan = plan;
    this.#ready = loop.createFuture<undefined>();
    this.#timer = loop.callLater(plan.limits.handshake, handshakeTimedOut, this);
    loop.resources.add(this);
    plan.options.server?.attach(this);
    this.#begin();
  }

  #begin(): void {
    const socket = this.#socket;
    if (socket.destroyed || socket.readableEnded) return this.#peerEnded();
    socket.on("end", this.#peerEnded);
    try {
      this.#plan.side.begin(socket, this);
    } catch (error) {
      this.failed(error);
    }
  }

  /** Waits until the protocol has its transport. @throws why it gets none. */
  done(): Coroutine<TlsTransport> {
    return Handshake.#done(this);
  }

  static readonly #done = coroutine(function* handshake(handshake: Handshake) {
    try {
      yield* handshake.#ready;
      return handshake.transport as TlsTransport;
    } catch (error) {
      handshake.giveUp();
      throw error;
    }
  });

  /** Node: the connection is encrypted and the peer is who it is to be. */
  secured(socket: TLSSocket): void {
    // Nobody waits any more: it was cancelled.
    if (!this.#begun || this.#ready.done()) return void socket.destroy();
    const { side, limits, protocol, options } = this.#plan;
    const { context } = side;
    const ready = this.#ready;
    this.transport = this.#context.run(
      () =>
        new TlsTransport(this.#loop, socket, protocol, {
          ...options,
          ready,
          context,
          shutdownTimeout: limits.shutdown,
        }),
    );
    this.#end();
  }

  /** Node: it has failed. */
  failed(error: unknown): void {
    if (!this.#begun) return;
    this.#end();
    this.#socket.destroy();
    if (!this.#ready.done()) this.#ready.setException(error);
  }

  /** What was read before the handshake has ended the connection. */
  readonly #peerEnded = (): void => this.failed(this.#error(ConnectionLostError, "the peer has ended the connection"));

  /** @internal */
  timedOut(): void {
    this.failed(this.#error(TimeoutError, `it is not done within ${this.#plan.limits.handshake} ms`));
  }

  #error(kind: new (message: string) => Error, why: string): Error {
    const peer = (this.#plan.options.extra?.["peername"] ?? peerAddress(this.#socket)) as SocketAddress | null;
    return new kind(`Cannot do the TLS handshake${peer === null ? "" : ` with ${addressText(peer)}`}: ${why}`);
  }

  close(): void {
    if (this.transport === null) this.failed(this.#error(ConnectionLostError, "the connection was closed"));
    else this.transport.close();
  }

  abort(): void {
    if (this.transport === null) this.close();
    else this.transport.abort();
  }

  /** Nobody is interested any more. */
  giveUp(): void {
    if (this.transport !== null) return this.transport.abort();
    if (this.#begun) this.#end();
    this.#socket.destroy();
  }

  /** @internal */
  loopClosed(): void {
    this.giveUp();
  }

  #end(): void {
    this.#begun = false;
    this.#timer.cancel();
    this.#socket.off("end", this.#peerEnded);
    this.#loop.resources.delete(this);
    this.#plan.options.server?.detach(this);
  }
}

/** The callback of the loop: its name stands in reports. */
function handshakeTimedOut(handshake: Handshake): void {
  handshake.timedOut();
}

/** The layer that does a handshake on each socket. */
export function tlsLayer(side: Side, limits: Limits): Layer {
  return (loop, socket, protocol, options) => new Handshake(loop, socket, { side, limits, protocol, options }).done();
}
