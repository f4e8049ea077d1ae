import type { Socket } from "node:net";
import { type Coroutine, type EventLoop, KeyboardInterrupt, coroutine, getRunningLoop } from "tsyncio";
import type { StreamProtocol } from "./protocol.ts";
import { type ConnectionKeeper, SocketTransport, type SocketTransportOptions } from "./socket-transport.ts";
import type { ExtraInfo } from "./transport.ts";

/**
 * What is between a connected socket and its transport: TLS. It gives the transport when the handshake is done and
 * `connectionMade` has been called. When it fails or is cancelled it destroys the socket, and the protocol hears nothing.
 */
export type Layer = (
  loop: EventLoop,
  socket: Socket,
  protocol: StreamProtocol,
  options: SocketTransportOptions,
) => Coroutine<SocketTransport>;

/** What `attach` and `accept` are told about a socket. */
export interface AttachOptions {
  readonly layer?: Layer | undefined;
  readonly extra?: ExtraInfo | undefined;
  readonly server?: ConnectionKeeper | undefined;
}

const attaching = coroutine(function* attach<P extends StreamProtocol>(
  socket: Socket,
  factory: () => P,
  options: AttachOptions,
) {
  const { layer, extra, server } = options;
  const loop = getRunningLoop();
  try {
    const protocol = factory();
    if (layer !== undefined) return [yield* layer(loop, socket, protocol, { extra, server }), protocol] as const;
    const ready = loop.createFuture<undefined>();
    const transport = new SocketTransport(loop, socket, protocol, { extra, server, ready });
    try {
      yield* ready;
    } catch (error) {
      transport.close();
      throw error;
    }
    return [transport, protocol] as const;
  } catch (error) {
    socket.destroy();
    throw error;
  }
});

/** Makes the protocol and the transport of a connected socket; is done when `connectionMade` has been called. */
export function attach<P extends StreamProtocol>(
  socket: Socket,
  factory: () => P,
  options: AttachOptions,
): Coroutine<readonly [transport: SocketTransport, protocol: P]> {
  return attaching(socket, factory, options);
}

/** As `attach()` for a socket that a server has accepted: nobody waits for it. To be called in a callback of the loop. */
export function accept(loop: EventLoop, socket: Socket, factory: () => StreamProtocol, options: AttachOptions): void {
  if (options.layer !== undefined) {
    // At once: a task that is cancelled before its first step would leave the socket behind.
    loop.createTask(layered(loop, socket, factory, options), { eagerStart: true });
    return;
  }
  try {
    // oxlint-disable-next-line no-new -- it lives with its socket
    new SocketTransport(loop, socket, factory(), options);
  } catch (exception) {
    notAccepted(loop, socket, exception);
  }
}

/** A handshake that fails is the peer's fault: only debug mode tells of it. */
const layered = coroutine(function* accept(
  loop: EventLoop,
  socket: Socket,
  factory: () => StreamProtocol,
  options: AttachOptions,
) {
  let protocol: StreamProtocol;
  try {
    protocol = factory();
  } catch (exception) {
    return notAccepted(loop, socket, exception);
  }
  try {
    yield* attaching(socket, () => protocol, options);
  } catch (exception) {
    if (loop.getDebug()) notAccepted(loop, socket, exception);
  }
});

function notAccepted(loop: EventLoop, socket: Socket, exception: unknown): void {
  socket.destroy();
  if (exception instanceof KeyboardInterrupt) throw exception;
  loop.callExceptionHandler({ message: "Error on transport creation for incoming connection", exception });
}
