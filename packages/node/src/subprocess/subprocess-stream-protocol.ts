import type { EventLoop } from "tsyncio";
import { StreamReader } from "../stream/stream-reader.ts";
import { StreamWriter } from "../stream/stream-writer.ts";
import { FED_DIRECTLY, SubprocessProtocol } from "../transport/protocol.ts";
import type { BaseTransport, SubprocessTransport, WriteTransport } from "../transport/transport.ts";
import { ChildInput } from "./child-input.ts";

/** Between the pipes of a child and its streams. */
export class SubprocessStreamProtocol extends SubprocessProtocol {
  /** @internal */ override readonly [FED_DIRECTLY]: boolean = true;
  stdin: StreamWriter | null = null;
  stdout: StreamReader | null = null;
  stderr: StreamReader | null = null;
  readonly #limit: number;
  readonly #loop: EventLoop;
  #input: ChildInput | null = null;

  constructor(limit: number, loop: EventLoop) {
    super();
    this.#limit = limit;
    this.#loop = loop;
  }

  override connectionMade(transport: SubprocessTransport): void {
    const stdin = transport.getPipeTransport(0) as WriteTransport | null;
    const stdout = transport.getPipeTransport(1);
    const stderr = transport.getPipeTransport(2);
    if (stdout !== null) this.stdout = this.#reader(stdout);
    if (stderr !== null) this.stderr = this.#reader(stderr);
    if (stdin !== null) {
      this.#input = new ChildInput(this.#loop);
      this.stdin = new StreamWriter(stdin, this.#input, null, { loop: this.#loop });
    }
  }

  #reader(pipe: BaseTransport): StreamReader {
    const reader = new StreamReader({ limit: this.#limit, loop: this.#loop });
    reader.setTransport(pipe);
    return reader;
  }

  override pipeDataReceived(fd: number, data: Uint8Array): void {
    (fd === 1 ? this.stdout : this.stderr)?.feedData(data);
  }

  override pipeConnectionLost(fd: number, error: unknown): void {
    if (fd === 0) return void this.#input?.lose(error);
    const reader = fd === 1 ? this.stdout : this.stderr;
    if (error === null) reader?.feedEof();
    else reader?.setException(error);
  }

  override pauseWriting(): void {
    this.#input?.writing.pause();
  }

  override resumeWriting(): void {
    this.#input?.writing.resume();
  }
}
