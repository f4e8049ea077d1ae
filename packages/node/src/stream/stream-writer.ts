import {
  type Awaitable,
  CancelledError,
  Coroutine,
  type CoroutineState,
  type EventLoop,
  type Future,
  RuntimeError,
  coroutine,
  getRunningLoop,
  sleep,
} from "tsyncio";
import { shownAsText } from "../shown-as-text.ts";
import type { StartTlsOptions } from "../tls/start-tls.ts";
import type { ClientTls, ServerTls } from "../tls/tls-options.ts";
import type { WriteTransport } from "../transport/transport.ts";
import type { StreamReader } from "./stream-reader.ts";
import type { WriteGate } from "./write-gate.ts";

/** What a writer needs of the protocol of its transport. */
export interface WriterProtocol {
  /** @internal */ readonly writing: WriteGate;
  /** @internal Waits until what `writer` writes to is closed. @throws what broke it. */
  closed(writer: StreamWriter): Coroutine<void>;
  /** @internal Starts TLS on the connection; `secured` gets its new transport. Missing where there cannot be TLS. */
  startTls?(
    transport: WriteTransport,
    tls: ClientTls | ServerTls,
    options: WriterTlsOptions,
    secured: (transport: WriteTransport) => void,
  ): Coroutine<void>;
}

/** Options of `StreamWriter.startTls`. Which side of the handshake it is, the writer knows. */
export type WriterTlsOptions = Omit<StartTlsOptions, "serverSide">;

/** A connection, as its writer knows it. */
interface Connection {
  transport: WriteTransport;
  readonly reader: StreamReader | null;
  readonly traces: Traces;
}

/** What is left of a writer that nobody holds. A protocol may hold its writer: held from here, that would never be garbage. */
interface Traces {
  /** While it is open, its loop holds it. */
  transport: WeakRef<WriteTransport>;
  readonly reader: WeakRef<StreamReader> | null;
}

/** Somebody writes into a connection that nobody closes: it is closed when its writer is collected. */
const forgotten = new FinalizationRegistry<Traces>((traces) => {
  const transport = traces.transport.deref();
  if (transport === undefined || transport.isClosing()) return;
  const text = textOf("StreamWriter", transport, traces.reader?.deref() ?? null);
  process.emitWarning(`unclosed ${text}`, "ResourceWarning");
  transport.close();
});

/**
 * The writing half of a connection: `openConnection` gives one, the handlers of `startServer` get one.
 *
 * What is written goes out in order, and without waiting; what the peer has not taken yet is buffered. `await writer.write(…)`
 * waits while more is buffered than the high mark of the transport (64 KiB, with TLS 512), until it is down to a quarter of that:
 * so a slow peer holds back who writes to it.
 *
 * `await using` closes it. One that is never closed is closed when it is garbage, with a warning.
 *
 * @example
 * ```ts fragment
 * const [reader, writer] = await openConnection("localhost", 8080);
 * for (const row of rows) await writer.write(`${JSON.stringify(row)}\n`);
 * writer.close();
 * await writer.waitClosed();
 * ```
 * @see https://docs.python.org/3.13/library/asyncio-stream.html#streamwriter
 */
export class StreamWriter implements AsyncDisposable {
  readonly #stream: Connection;
  readonly #protocol: WriterProtocol;
  /** For all writes after which there is nothing to wait for. */
  readonly #written: Future<void>;
  #draining: Drain | null = null;
  static {
    shownAsText(this.prototype);
  }

  /** @param reader the other half: what breaks it is thrown by `drain()`. */
  constructor(
    transport: WriteTransport,
    protocol: WriterProtocol,
    reader: StreamReader | null = null,
    options: { readonly loop?: EventLoop } = {},
  ) {
    const loop = options.loop ?? getRunningLoop();
    const traces = { transport: new WeakRef(transport), reader: reader === null ? null : new WeakRef(reader) };
    this.#stream = { transport, reader, traces };
    this.#protocol = protocol;
    this.#written = loop.createFuture<void>();
    this.#written.setResult();
    forgotten.register(this, traces);
  }

  /** The transport that it writes to. */
  get transport(): WriteTransport {
    return this.#stream.transport;
  }

  /**
   * Sends bytes, or text as its UTF-8. They are sent whether or not what it gives is awaited; awaiting it is `drain()`.
   *
   * @throws {TypeError} for what is neither bytes nor text.
   * @throws {RuntimeError} after `writeEof()`.
   */
  write(data: string | Uint8Array): Awaitable<void> {
    this.#stream.transport.write(bytesOf(data));
    return this.#afterWrite();
  }

  /**
   * As one `write()` of all pieces.
   *
   * @throws {TypeError} for what is neither bytes nor text.
   * @throws {RuntimeError} after `writeEof()`.
   */
  writelines(pieces: Iterable<string | Uint8Array>): Awaitable<void> {
    this.#stream.transport.writelines(Array.from(pieces, bytesOf));
    return this.#afterWrite();
  }

  #afterWrite(): Awaitable<void> {
    const { transport, reader } = this.#stream;
    if (this.#protocol.writing.open && !transport.isClosing() && (reader === null || reader.exception() === null))
      return this.#written;
    return (this.#draining ??= new Drain(this));
  }

  /**
   * Waits until the peer has taken enough of what was written. Any number of tasks may wait.
   *
   * **When cancelled**: everything written is still sent.
   *
   * @throws {ConnectionLostError} when the connection is closed.
   * @throws what broke the connection.
   */
  drain(): Coroutine<void> {
    return draining(this.#stream, this.#protocol);
  }

  /** Ends the writing half when everything is sent: the peer reads to its end, and may go on writing. */
  writeEof(): void {
    this.#stream.transport.writeEof();
  }

  /** Whether the connection can be ended by halves. */
  canWriteEof(): boolean {
    return this.#stream.transport.canWriteEof();
  }

  /** Closes the connection, both halves of it, when everything is sent. */
  close(): void {
    this.#stream.transport.close();
  }

  /**
   * Encrypts the connection from here on, its reader's half too. What was written before is sent before, in plain text; what has
   * come and was not read yet counts as encrypted. A writer of `startServer` is the server's side, which needs a certificate.
   *
   * **When cancelled**: the connection is closed.
   *
   * @throws what `startTls()` throws: Node's error when the handshake fails; then the connection is lost.
   * @throws {RuntimeError} for a writer of a pipe.
   * @example
   * ```ts fragment
   * writer.write("STARTTLS\r\n");
   * if (String(await reader.readline()).startsWith("220")) await writer.startTls(true, { serverHostname: "mail.example" });
   * ```
   * @see https://docs.python.org/3.13/library/asyncio-stream.html#asyncio.StreamWriter.start_tls
   */
  startTls(tls: ClientTls | ServerTls, options: WriterTlsOptions = {}): Coroutine<void> {
    const stream = this.#stream;
    const starting = this.#protocol.startTls?.(stream.transport, tls, options, (transport) => {
      stream.transport = transport;
      stream.traces.transport = new WeakRef(transport);
    });
    if (starting === undefined) throw new RuntimeError("Cannot start TLS: there is no connection but a pipe");
    return starting;
  }

  /** Whether the connection is closing or closed. */
  isClosing(): boolean {
    return this.#stream.transport.isClosing();
  }

  /**
   * Waits until the connection is closed. It does not close it.
   *
   * **When cancelled**: it is closed all the same.
   *
   * @throws what broke the connection.
   */
  waitClosed(): Coroutine<void> {
    return this.#protocol.closed(this);
  }

  /** What the transport knows of the connection: see `BaseTransport.getExtraInfo`. */
  getExtraInfo(name: string, otherwise: unknown = null): unknown {
    return this.#stream.transport.getExtraInfo(name, otherwise);
  }

  /**
   * Closes the connection and waits until it is closed, for `await using`. What has broken it is not thrown.
   *
   * **When cancelled**: what is not sent yet is lost.
   */
  [Symbol.asyncDispose](): Coroutine<void> {
    return disposing(this);
  }

  toString(): string {
    return textOf(this.constructor.name, this.#stream.transport, this.#stream.reader);
  }
}

const draining = coroutine(function* drain({ transport, reader }: Connection, { writing }: WriterProtocol) {
  const error = reader?.exception() ?? null;
  if (error !== null) throw error;
  // Whoever writes and drains in a loop must let the news in that the connection is lost.
  if (transport.isClosing()) yield* sleep(0);
  yield* writing.passage();
});

const disposing = coroutine(function* dispose(writer: StreamWriter) {
  writer.close();
  try {
    yield* writer.waitClosed();
  } catch (error) {
    if (!(error instanceof CancelledError)) return;
    writer.transport.abort();
    throw error;
  }
});

/** The `drain()` of a writer, begun when it is awaited: each time anew, and never if nobody does. */
class Drain extends Coroutine<void> {
  readonly #writer: StreamWriter;

  constructor(writer: StreamWriter) {
    super();
    this.#writer = writer;
  }

  get name(): string {
    return "write";
  }

  get state(): CoroutineState {
    return "created";
  }

  close(): void {}

  throw(error: unknown): never {
    throw error;
  }

  [Symbol.iterator](): Iterator<undefined, void, unknown> {
    return this.#writer.drain()[Symbol.iterator]();
  }
}

function bytesOf(data: string | Uint8Array): Uint8Array {
  return typeof data === "string" ? Buffer.from(data) : data;
}

function textOf(name: string, transport: WriteTransport, reader: StreamReader | null): string {
  return `<${name} transport=${String(transport)}${reader === null ? "" : ` reader=${String(reader)}`}>`;
}
