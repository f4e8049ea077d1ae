import { BufferedProtocol, Protocol, type Transport } from "@tsyncio/node";
import type { Coroutine } from "tsyncio";
import { Watch } from "./watch.ts";

/** What a protocol heard, in order; data that came in several pieces counts as one. */
export class Heard {
  readonly log: unknown[] = [];
  received = "";
  lost = false;
  /** What `connectionLost` was given. */
  error: unknown = undefined;
  readonly #watch = new Watch();

  data(data: Uint8Array): void {
    const text = Buffer.from(data).toString("latin1");
    const before = this.log.at(-1);
    if (typeof before === "string" && before.startsWith("data ")) this.log[this.log.length - 1] = before + text;
    else this.log.push(`data ${text}`);
    this.received += text;
    this.#watch.changed();
  }

  event(...event: readonly unknown[]): void {
    this.log.push(event.length === 1 ? event[0] : event);
    if (event[0] === "lost") {
      this.lost = true;
      this.error = event[1];
    }
    this.#watch.changed();
  }

  until(condition: () => boolean): Coroutine<void> {
    return this.#watch.until(condition);
  }
}

/** A protocol that notes what it hears. Tests override what they need. */
export class Recorder extends Protocol {
  readonly heard = new Heard();
  declare transport: Transport;
  /** What `eofReceived` answers. */
  keepOpen: boolean | undefined = undefined;

  override connectionMade(transport: Transport): void {
    this.transport = transport;
    this.heard.event("made");
  }

  override dataReceived(data: Uint8Array): void {
    this.heard.data(data);
  }

  override eofReceived(): boolean | undefined {
    this.heard.event("eof");
    return this.keepOpen;
  }

  override pauseWriting(): void {
    this.heard.event("pauseWriting");
  }

  override resumeWriting(): void {
    this.heard.event("resumeWriting");
  }

  override connectionLost(error: unknown): void {
    this.heard.event("lost", error);
  }
}

/** As `Recorder`, with a buffer of its own. */
export class BufferedRecorder extends BufferedProtocol {
  readonly heard = new Heard();
  declare transport: Transport;
  keepOpen: boolean | undefined = undefined;
  readonly buffer: Buffer;

  constructor(size = 4) {
    super();
    this.buffer = Buffer.alloc(size);
  }

  override connectionMade(transport: Transport): void {
    this.transport = transport;
    this.heard.event("made");
  }

  override getBuffer(_sizeHint: number): Uint8Array {
    return this.buffer;
  }

  override bufferUpdated(bytes: number): void {
    this.heard.data(this.buffer.subarray(0, bytes));
  }

  override eofReceived(): boolean | undefined {
    this.heard.event("eof");
    return this.keepOpen;
  }

  override connectionLost(error: unknown): void {
    this.heard.event("lost", error);
  }
}
