import type { Socket, SocketConnectOpts } from "node:net";
import { type Coroutine, coroutine, getRunningLoop } from "tsyncio";
import { builtin } from "../builtin.ts";

/**
 * A socket that is connected, and reads nothing yet. When it cannot be connected, or the wait is cancelled, it is destroyed.
 *
 * @throws Node's error.
 */
export const connectSocket: (to: SocketConnectOpts) => Coroutine<Socket> = coroutine(function* connectSocket(
  to: SocketConnectOpts,
) {
  const loop = getRunningLoop();
  const socket = new (builtin("net").Socket)({ allowHalfOpen: true });
  const connected = loop.createFuture<undefined>();
  const onConnect = (): void => {
    if (!connected.done()) connected.setResult(undefined);
  };
  const onError = (error: Error): void => {
    if (!connected.done()) connected.setException(error);
  };
  const holder = {
    loopClosed() {
      socket.off("connect", onConnect).destroy();
    },
  };
  loop.resources.add(holder);
  try {
    // What comes is for the transport.
    socket.pause();
    socket.on("connect", onConnect).on("error", onError).connect(to);
    yield* connected;
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    socket.off("connect", onConnect).off("error", onError);
    loop.resources.delete(holder);
  }
});
