import { type Coroutine, type EventLoop, RuntimeError } from "tsyncio";

function notImplemented(server: object, method: string): RuntimeError {
  return new RuntimeError(`Cannot call ${method}(): ${server.constructor.name} does not implement it`);
}

/**
 * What servers have in common. Disposing of one closes it and waits until its connections have ended.
 *
 * @see https://docs.python.org/3.13/library/asyncio-eventloop.html#asyncio.Server
 */
export abstract class AbstractServer implements AsyncDisposable {
  /** It listens no more. Connections that it accepted live on. */
  close(): void {
    throw notImplemented(this, "close");
  }

  /** Ends every connection in order, as their `close()` does. */
  closeClients(): void {
    throw notImplemented(this, "closeClients");
  }

  /** Ends every connection at once, as their `abort()` does. */
  abortClients(): void {
    throw notImplemented(this, "abortClients");
  }

  /** The loop that it belongs to. */
  getLoop(): EventLoop {
    throw notImplemented(this, "getLoop");
  }

  /** Whether it accepts connections. */
  isServing(): boolean {
    throw notImplemented(this, "isServing");
  }

  /** Begins to accept connections; again does nothing. */
  startServing(): Coroutine<void> {
    throw notImplemented(this, "startServing");
  }

  /** Accepts connections until it is cancelled or closed. */
  serveForever(): Coroutine<never> {
    throw notImplemented(this, "serveForever");
  }

  /** Waits until it is closed and its connections have ended. */
  waitClosed(): Coroutine<void> {
    throw notImplemented(this, "waitClosed");
  }

  /** For `await using`: `close()`, then `waitClosed()`. */
  [Symbol.asyncDispose](): Coroutine<void> {
    this.close();
    return this.waitClosed();
  }
}
