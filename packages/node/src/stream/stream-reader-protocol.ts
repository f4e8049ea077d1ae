import {
  type Coroutine,
  type EventLoop,
  KeyboardInterrupt,
  coroutine,
  ensureFuture,
  getRunningLoop,
  isAwaitable,
} from "tsyncio";
import { upgradeToTls } from "../tls/start-tls.ts";
import type { ClientTls, ServerTls } from "../tls/tls-options.ts";
import { FED_DIRECTLY, Protocol } from "../transport/protocol.ts";
import type { ReadTransport, Transport } from "../transport/transport.ts";
import type { StreamReader } from "./stream-reader.ts";
import { StreamWriter, type WriterProtocol, type WriterTlsOptions } from "./stream-writer.ts";
import { Waiters } from "./waiters.ts";
import { WriteGate } from "./write-gate.ts";

/**
 * What a server does with a client. If it gives something to await, that runs as a task: when it fails, the loop's exception
 * handler is told and the connection closed; when it is cancelled, the connection is closed.
 */
export type ClientHandler = (reader: StreamReader, writer: StreamWriter) => unknown;

/**
 * Between a transport and a `StreamReader`: feeds it, and calls a server's handler when the connection is there.
 *
 * @see https://docs.python.org/3.13/library/asyncio-stream.html
 */
export class StreamReaderProtocol extends Protocol implements WriterProtocol {
  /** @internal */ override readonly [FED_DIRECTLY]: boolean;
  /** @internal */ readonly writing: WriteGate;
  readonly #reader: StreamReader;
  readonly #onClient: ClientHandler | null;
  readonly #loop: EventLoop;
  readonly #closing: Waiters;
  /** One that only reads may feed it as well. */
  #transport: (ReadTransport & Partial<Transport>) | null = null;
  #lost = false;
  #error: unknown = null;

  /**
   * @param onClient of a server: called with a reader and a writer when the connection is there.
   * @throws {RuntimeError} when no loop is given and none is running.
   */
  constructor(
    reader: StreamReader,
    onClient: ClientHandler | null = null,
    options: { readonly loop?: EventLoop } = {},
  ) {
    super();
    this[FED_DIRECTLY] = new.target === StreamReaderProtocol;
    this.#reader = reader;
    this.#onClient = onClient;
    this.#loop = options.loop ?? getRunningLoop();
    this.writing = new WriteGate(this.#loop);
    this.#closing = new Waiters(this.#loop);
  }

  override connectionMade(transport: ReadTransport | Transport): void {
    this.#transport = transport;
    this.#reader.setTransport(transport);
    if (this.#onClient !== null) this.#serve(this.#onClient, transport as Transport);
  }

  #serve(onClient: ClientHandler, transport: Transport): void {
    let given: unknown;
    try {
      given = onClient(this.#reader, new StreamWriter(transport, this, this.#reader, { loop: this.#loop }));
    } catch (error) {
      if (error instanceof KeyboardInterrupt) throw error;
      return this.#handlerFailed(error);
    }
    if (!isAwaitable(given)) return;
    ensureFuture(given).addDoneCallback((handling) => {
      if (handling.cancelled()) return this.#transport?.close();
      try {
        handling.result();
      } catch (error) {
        this.#handlerFailed(error);
      }
    });
  }

  #handlerFailed(exception: unknown): void {
    const transport = this.#transport;
    this.#loop.callExceptionHandler({
      message: "Unhandled exception in the handler of a client",
      exception,
      transport,
    });
    transport?.close();
  }

  override dataReceived(data: Uint8Array): void {
    this.#reader.feedData(data);
  }

  /** The connection stays open for writing, where its transport can be ended by halves. */
  override eofReceived(): boolean {
    this.#reader.feedEof();
    return this.#transport?.canWriteEof?.() ?? false;
  }

  override pauseWriting(): void {
    this.writing.pause();
  }

  override resumeWriting(): void {
    this.writing.resume();
  }

  override connectionLost(error: unknown): void {
    if (error === null) this.#reader.feedEof();
    else this.#reader.setException(error);
    this.writing.lose(error);
    this.#transport = null;
    this.#lost = true;
    this.#error = error;
    this.#closing.release();
  }

  /** @internal */
  startTls(
    transport: Transport,
    tls: ClientTls | ServerTls,
    options: WriterTlsOptions,
    secured: (transport: Transport) => void,
  ): Coroutine<void> {
    const reader = this.#reader;
    const upgrade = {
      takeUnread: () => reader.takeUnread(),
      secured: (transport: Transport) => {
        this.#transport = transport;
        reader.replaceTransport(transport);
        secured(transport);
      },
    };
    return upgradeToTls(upgrade, transport, this, tls, { ...options, serverSide: this.#onClient !== null });
  }

  closed(): Coroutine<void> {
    return StreamReaderProtocol.#closed(this);
  }

  static readonly #closed = coroutine(function* waitClosed(protocol: StreamReaderProtocol) {
    if (!protocol.#lost) yield* protocol.#closing.wait();
    if (protocol.#error !== null) throw protocol.#error;
  });
}
