import type { Writable } from "node:stream";
import { isUint8Array } from "node:util/types";
import { type Context, type EventLoop, type Future, copyContext } from "tsyncio";
import { brokenPipe } from "./broken-pipe.ts";
import { FlowControl } from "./flow-control.ts";
import { notBytes } from "./not-bytes.ts";
import { type BaseProtocol, FED_DIRECTLY } from "./protocol.ts";
import { isSystemError } from "./system-error.ts";
import { WriteTransport, type WriteBufferLimits } from "./transport.ts";

/** So many writes into a closed pipe are overlooked. */
const SILENT_WRITES = 4;

/**
 * The transport of the end of a pipe that is written, over any writable stream of Node.
 *
 * | state | entered by | left by |
 * |---|---|---|
 * | open | constructor; soon `connectionMade` is called | `close()`, `writeEof()` → closing; `abort()`, an error, the reader is gone → losing |
 * | closing | writes are dropped; what is buffered is still to be sent | all is sent → losing |
 * | losing | `connectionLost` is scheduled | it was called → closed |
 * | closed | the stream is ended or destroyed; or the loop was closed | |
 */
export class WritePipeTransport extends WriteTransport {
  /** @internal */ readonly loop: EventLoop;
  readonly #stream: Writable;
  readonly #context: Context;
  readonly #flow: FlowControl;
  #protocol: BaseProtocol;
  #state: "open" | "closing" | "losing" | "closed" = "open";
  /** A write was given up by the stream. */
  #cutOff = false;
  #drainScheduled = false;
  #lostWrites = 0;

  /** @internal Use `connectWritePipe()`. */
  constructor(loop: EventLoop, stream: Writable, protocol: BaseProtocol) {
    super({ pipe: stream });
    this.loop = loop;
    this.#stream = stream;
    this.#context = copyContext();
    this.#flow = new FlowControl(this);
    this.#protocol = protocol;
    // Of what is readable as well, as sockets are, the end says that the other side is closed.
    stream.on("error", this.#onError).on("end", this.#onGone).on("close", this.#onGone);
    loop.resources.add(this);
  }

  /** @internal Has `begin()` called soon; `ready` is done then. */
  beginSoon(ready: Future<undefined>): void {
    this.loop.callSoonIn(this.#context, connectionMade, this, ready);
  }

  /** @internal To be called in a callback of the loop, once. */
  begin(): void {
    this.#protocol.connectionMade(this);
  }

  override isClosing(): boolean {
    return this.#state !== "open";
  }

  override setProtocol(protocol: BaseProtocol): void {
    this.#protocol = protocol;
  }

  override getProtocol(): BaseProtocol {
    return this.#protocol;
  }

  override setWriteBufferLimits(limits?: WriteBufferLimits): void {
    this.#flow.setLimits(limits);
  }

  override getWriteBufferLimits(): readonly [low: number, high: number] {
    return [this.#flow.low, this.#flow.high];
  }

  override getWriteBufferSize(): number {
    return this.#lost ? 0 : this.#stream.writableLength;
  }

  get #lost(): boolean {
    return this.#state === "losing" || this.#state === "closed";
  }

  /**
   * Sends bytes, now or as soon as possible. They are not copied: they must not change until they are sent.
   *
   * @throws {TypeError} for what is no Uint8Array.
   */
  override write(data: Uint8Array): void {
    if (!isUint8Array(data)) throw notBytes("write", data);
    if (data.length === 0) return;
    if (this.#state !== "open") return this.#lostWrite();
    this.#stream.write(data, this.#written);
    this.#flow.grew();
  }

  #lostWrite(): void {
    if (++this.#lostWrites === SILENT_WRITES + 1)
      console.warn(
        `tsyncio: ${String(this)} is closed, and is still written to; look at isClosing() or connectionLost()`,
      );
  }

  /** After every write that has come to its end. */
  readonly #written = (error?: Error | null): void => {
    if (error != null) {
      // The stream is about to tell of it: that nothing is buffered is no reason to write on.
      this.#cutOff = true;
      return;
    }
    const { writableLength } = this.#stream;
    if (this.#flow.paused && writableLength <= this.#flow.low && this.#protocol[FED_DIRECTLY] === true && !this.#lost)
      this.#flow.shrank();
    if (this.#drainScheduled || !(this.#flow.paused || this.#state === "closing") || writableLength > this.#flow.low)
      return;
    this.#drainScheduled = true;
    this.loop.callSoonIn(this.#context, writeBufferDrained, this);
  };

  /** @internal */
  drained(): void {
    this.#drainScheduled = false;
    if (this.#lost) return;
    this.#flow.shrank();
    if (this.#state === "closing" && this.#stream.writableLength === 0) this.#lose(null);
  }

  override canWriteEof(): boolean {
    return true;
  }

  /** As `close()`. */
  override writeEof(): void {
    this.close();
  }

  override close(): void {
    if (this.#state !== "open") return;
    this.#state = "closing";
    if (this.#stream.writableLength === 0) this.#lose(null);
  }

  override abort(): void {
    if (this.#lost) return;
    this.#lose(null);
    this.#stream.destroy();
  }

  readonly #onError = (exception: unknown): void => {
    if (this.#lost) return;
    const message = "Fatal write error on pipe transport";
    if (!isSystemError(exception))
      this.loop.callExceptionHandler({ message, exception, transport: this, protocol: this.#protocol });
    else if (this.loop.getDebug()) console.debug(`${String(this)}: ${message}`, exception);
    this.#lose(exception);
  };

  readonly #onGone = (): void => this.readerGone();

  /** @internal Nobody reads any more. */
  readerGone(): void {
    if (!this.#lost) this.#lose(this.#cutOff || this.#stream.writableLength > 0 ? brokenPipe() : null);
  }

  #lose(error: unknown): void {
    this.#state = "losing";
    this.loop.callSoonIn(this.#context, connectionLost, this, error);
  }

  /** @internal */
  finish(error: unknown): void {
    if (this.#state === "closed") return;
    try {
      this.#protocol.connectionLost(error);
    } finally {
      this.#release();
      // In order, where everything is sent.
      if (error === null && !this.#stream.destroyed) this.#stream.end(() => this.#stream.destroy());
      else this.#stream.destroy();
    }
  }

  #release(): void {
    this.#state = "closed";
    const stream = this.#stream;
    stream.off("error", this.#onError).off("end", this.#onGone).off("close", this.#onGone);
    if (!stream.closed) stream.on("error", ignore).once("close", forget);
    this.loop.resources.delete(this);
  }

  /** @internal */
  loopClosed(): void {
    if (this.loop.getDebug()) process.emitWarning(`unclosed transport ${String(this)}`, "ResourceWarning");
    this.#release();
    this.#stream.destroy();
  }

  override toString(): string {
    return `<${this.constructor.name} ${this.#state} bufsize=${this.getWriteBufferSize()}>`;
  }
}

/** A stream that is ending may still fail, when nobody asks any more. */
function ignore(): void {}

function forget(this: Writable): void {
  this.off("error", ignore);
}

// Callbacks of the loop: their names stand in reports.

function connectionMade(transport: WritePipeTransport, ready: Future<undefined>): void {
  try {
    transport.begin();
  } finally {
    if (!ready.done()) ready.setResult(undefined);
  }
}

function writeBufferDrained(transport: WritePipeTransport): void {
  transport.drained();
}

function connectionLost(transport: WritePipeTransport, error: unknown): void {
  transport.finish(error);
}
