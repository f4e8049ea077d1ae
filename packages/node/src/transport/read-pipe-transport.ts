import type { Readable } from "node:stream";
import { type Context, type EventLoop, type Future, KeyboardInterrupt, copyContext } from "tsyncio";
import { FED_DIRECTLY, type Protocol } from "./protocol.ts";
import { ReadTransport } from "./transport.ts";

/**
 * The transport of the end of a pipe that is read, over any readable stream of Node.
 *
 * Its protocol is fed as that of a socket is: see SocketTransport.
 *
 * | state | entered by | left by |
 * |---|---|---|
 * | open | constructor; nothing is delivered before `connectionMade` was called | `close()`, the end, an error → closing |
 * | closing | `connectionLost` is scheduled; nothing is delivered any more | it was called → closed |
 * | closed | the stream is destroyed; or the loop was closed | |
 */
export class ReadPipeTransport extends ReadTransport {
  readonly #loop: EventLoop;
  readonly #stream: Readable;
  readonly #context: Context;
  #protocol: Protocol;
  #direct: boolean;
  #state: "open" | "closing" | "closed" = "open";
  /** Whether the protocol knows of it: Node makes the pipes of a child that has exited flow, however soon that is. */
  #begun = false;
  #paused = false;
  /** Read and not delivered yet: one piece, more only where somebody else makes the stream flow. */
  readonly #inbox: Uint8Array[] = [];
  #ended = false;
  #deliveryScheduled = false;

  /** @internal Use `connectReadPipe()`. */
  constructor(loop: EventLoop, stream: Readable, protocol: Protocol) {
    super({ pipe: stream });
    this.#loop = loop;
    this.#stream = stream;
    this.#context = copyContext();
    this.#protocol = protocol;
    this.#direct = protocol[FED_DIRECTLY] === true;
    stream.on("data", this.#onData).on("end", this.#onEnd).on("error", this.#onError).on("close", this.#onClose);
    loop.resources.add(this);
  }

  /** @internal Has `begin()` called soon; `ready` is done then. */
  beginSoon(ready: Future<undefined>): void {
    this.#loop.callSoonIn(this.#context, connectionMade, this, ready);
  }

  /** @internal To be called in a callback of the loop, once. */
  begin(): void {
    try {
      this.#protocol.connectionMade(this);
    } finally {
      this.#begun = true;
      if (this.isReading() && this.#stream.isPaused() && this.#inbox.length === 0) this.#stream.resume();
    }
  }

  override isClosing(): boolean {
    return this.#state !== "open";
  }

  override setProtocol(protocol: Protocol): void {
    this.#protocol = protocol;
    this.#direct = protocol[FED_DIRECTLY] === true;
  }

  override getProtocol(): Protocol {
    return this.#protocol;
  }

  override isReading(): boolean {
    return this.#state === "open" && !this.#paused;
  }

  override pauseReading(): void {
    if (!this.isReading()) return;
    this.#paused = true;
    this.#stream.pause();
  }

  override resumeReading(): void {
    if (this.#state !== "open" || !this.#paused) return;
    this.#paused = false;
    if (this.#inbox.length > 0 || this.#ended) this.#scheduleDelivery();
    else this.#stream.resume();
  }

  override close(): void {
    if (this.#state === "open") this.#lose(null);
  }

  readonly #onData = (data: Uint8Array): void => {
    if (this.#state !== "open") return;
    if (this.#direct && this.#begun && !this.#paused && this.#inbox.length === 0) return this.#handOver(data);
    this.#inbox.push(data);
    this.#stream.pause();
    this.#scheduleDelivery();
  };

  readonly #onEnd = (): void => {
    if (this.#state !== "open") return;
    this.#ended = true;
    if (!this.#direct || !this.#begun || this.#paused || this.#inbox.length > 0) return this.#scheduleDelivery();
    this.#protocol.eofReceived();
    this.#lose(null);
  };

  readonly #onError = (exception: unknown): void => {
    if (this.#state !== "open") return;
    const message = "Fatal read error on pipe transport";
    // What a terminal says when its other side is gone.
    if ((exception as NodeJS.ErrnoException).code !== "EIO")
      this.#loop.callExceptionHandler({ message, exception, transport: this, protocol: this.#protocol });
    this.#lose(exception);
  };

  readonly #onClose = (): void => {
    if (this.#state === "open" && !this.#ended) this.#lose(null);
  };

  #scheduleDelivery(): void {
    if (this.#state !== "open" || this.#paused || this.#deliveryScheduled) return;
    this.#deliveryScheduled = true;
    this.#loop.callSoonIn(this.#context, deliver, this);
  }

  /** @internal Hands over what has come. */
  deliver(): void {
    this.#deliveryScheduled = false;
    while (this.#inbox.length > 0 && this.isReading()) this.#handOver(this.#inbox.shift() as Uint8Array);
    if (!this.isReading()) return;
    if (!this.#ended) return void this.#stream.resume();
    this.#loop.callSoonIn(this.#context, eofReceived, this);
    this.#lose(null);
  }

  #handOver(data: Uint8Array): void {
    try {
      this.#protocol.dataReceived(data);
    } catch (exception) {
      if (exception instanceof KeyboardInterrupt) throw exception;
      const message = "Exception in protocol.dataReceived()";
      this.#loop.callExceptionHandler({ message, exception, transport: this, protocol: this.#protocol });
    }
  }

  #lose(error: unknown): void {
    this.#state = "closing";
    if (!this.#ended) this.#stream.pause();
    this.#loop.callSoonIn(this.#context, connectionLost, this, error);
  }

  /** @internal */
  finish(error: unknown): void {
    if (this.#state === "closed") return;
    try {
      this.#protocol.connectionLost(error);
    } finally {
      this.#release();
    }
  }

  #release(): void {
    this.#state = "closed";
    this.#stream.destroy();
    this.#loop.resources.delete(this);
  }

  /** @internal */
  loopClosed(): void {
    if (this.#loop.getDebug()) process.emitWarning(`unclosed transport ${String(this)}`, "ResourceWarning");
    this.#release();
  }

  override toString(): string {
    return `<${this.constructor.name} ${this.#state} read=${this.isReading() ? "polling" : "idle"}>`;
  }
}

// Callbacks of the loop: their names stand in reports.

function connectionMade(transport: ReadPipeTransport, ready: Future<undefined>): void {
  try {
    transport.begin();
  } finally {
    if (!ready.done()) ready.setResult(undefined);
  }
}

function deliver(transport: ReadPipeTransport): void {
  transport.deliver();
}

function eofReceived(transport: ReadPipeTransport): void {
  transport.getProtocol().eofReceived();
}

function connectionLost(transport: ReadPipeTransport, error: unknown): void {
  transport.finish(error);
}
