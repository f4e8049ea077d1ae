import { type Coroutine, type EventLoop, coroutine } from "tsyncio";
import { StreamReader } from "../stream/stream-reader.ts";
import { StreamWriter, type WriterProtocol } from "../stream/stream-writer.ts";
import { Waiters } from "../stream/waiters.ts";
import { WriteGate } from "../stream/write-gate.ts";
import { FED_DIRECTLY, SubprocessProtocol } from "../transport/protocol.ts";
import type { SubprocessTransport, WriteTransport } from "../transport/transport.ts";

/** Between the pipes of a child and its streams. */
export class SubprocessStreamProtocol extends SubprocessProtocol implements WriterProtocol {
  /** @internal */ override readonly [FED_DIRECTLY]: boolean = true;
  /** @internal */ readonly writing: WriteGate;
  stdin: StreamWriter | null = null;
  stdout: StreamReader | null = null;
  stderr: StreamReader | null = null;
  readonly #limit: number;
  readonly #loop: EventLoop;
  readonly #closing: Waiters;
  /** Of stdin, when it has ended. */
  #end: { readonly error: unknown } | null = null;

  constructor(limit: number, loop: EventLoop) {
    super();
    this.#limit = limit;
    this.#loop = loop;
    this.writing = new WriteGate(loop);
    this.#closing = new Waiters(loop);
  }

  override connectionMade(transport: SubprocessTransport): void {
    this.stdout = this.#reader(transport, 1);
    this.stderr = this.#reader(transport, 2);
    const stdin = transport.getPipeTransport(0) as WriteTransport | null;
    if (stdin !== null) this.stdin = new StreamWriter(stdin, this, null, { loop: this.#loop });
  }

  #reader(transport: SubprocessTransport, fd: number): StreamReader | null {
    const pipe = transport.getPipeTransport(fd);
    if (pipe === null) return null;
    const reader = new StreamReader({ limit: this.#limit, loop: this.#loop });
    reader.setTransport(pipe);
    return reader;
  }

  override pipeDataReceived(fd: number, data: Uint8Array): void {
    (fd === 1 ? this.stdout : this.stderr)?.feedData(data);
  }

  override pipeConnectionLost(fd: number, error: unknown): void {
    if (fd === 0) {
      this.writing.lose(error);
      this.#end = { error };
      this.#closing.release();
      return;
    }
    const reader = fd === 1 ? this.stdout : this.stderr;
    if (error === null) reader?.feedEof();
    else reader?.setException(error);
  }

  override pauseWriting(): void {
    this.writing.pause();
  }

  override resumeWriting(): void {
    this.writing.resume();
  }

  /** @internal */
  closed(): Coroutine<void> {
    return SubprocessStreamProtocol.#closed(this);
  }

  static readonly #closed = coroutine(function* waitClosed(protocol: SubprocessStreamProtocol) {
    if (protocol.#end === null) yield* protocol.#closing.wait();
    const { error } = protocol.#end as unknown as { error: unknown };
    if (error !== null) throw error;
  });
}
