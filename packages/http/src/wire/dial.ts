import type { Socket } from "node:net";
import { type Coroutine, coroutine, getRunningLoop } from "tsyncio";
import { connectError, timeoutError } from "./wire-errors.ts";
import type { WireRequest } from "./transport.ts";

/** Begins to connect, tells when it has come to an end, and gives a way to give it up. */
export type Dial = (told: (error: Error | null, socket: Socket | null) => void) => { destroy(error?: Error): unknown };

/** The attempts that are under way. */
export type Dialing = Set<{ destroy(error?: Error): unknown }>;

/**
 * A connected socket. When that fails, takes too long or is cancelled, nothing is left of it.
 *
 * @throws {HttpConnectError} that it failed.
 * @throws {HttpTimeoutError} that it took longer than `request.timeouts.connect`.
 */
export const dialled: (dial: Dial, request: WireRequest, dialing: Dialing) => Coroutine<Socket> = coroutine(
  function* connect(dial: Dial, request: WireRequest, dialing: Dialing) {
    const loop = getRunningLoop();
    const connected = loop.createFuture<Socket>();
    const limit = request.timeouts.connect;
    const attempt = dial((error, socket) => {
      if (connected.done()) return void socket?.on("error", () => {}).destroy();
      if (error !== null) connected.setException(connectError(request, error));
      else connected.setResult(socket as Socket);
    });
    const late = (): void => {
      if (!connected.done()) connected.setException(timeoutError(request, "connect", limit as number));
    };
    const timer = limit === null ? null : loop.callLater(limit, late);
    dialing.add(attempt);
    try {
      return yield* connected;
    } catch (error) {
      attempt.destroy();
      // Connected, and given up in the same moment.
      if (connected.done() && !connected.cancelled() && connected.exception() === null)
        connected
          .result()
          .on("error", () => {})
          .destroy();
      throw error;
    } finally {
      dialing.delete(attempt);
      timer?.cancel();
    }
  },
);
