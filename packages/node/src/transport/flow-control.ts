import { type EventLoop, KeyboardInterrupt } from "tsyncio";
import type { BaseProtocol } from "./protocol.ts";
import type { BaseTransport, WriteBufferLimits } from "./transport.ts";

/** A transport whose writes may have to wait. */
interface Buffering extends BaseTransport {
  /** @internal */ readonly loop: EventLoop;
  getProtocol(): BaseProtocol;
  getWriteBufferSize(): number;
}

const HIGH = 65_536;

/**
 * Tells the protocol of a transport when to stop writing and when to go on.
 *
 * | state | entered by | left by |
 * |---|---|---|
 * | writing | the start, `shrank()` at or below `low` | `grew()` above `high` |
 * | paused | `pauseWriting()` was called | `resumeWriting()` is called |
 */
export class FlowControl {
  readonly #transport: Buffering;
  /** Read by transports before they call `grew()`. */
  high: number;
  low: number;
  paused = false;

  constructor(transport: Buffering, high: number = HIGH) {
    this.#transport = transport;
    this.high = high;
    this.low = high >> 2;
  }

  /** See `WriteTransport.setWriteBufferLimits`. */
  setLimits(limits: WriteBufferLimits = {}): void {
    const high = limits.high ?? (limits.low === undefined ? HIGH : 4 * limits.low);
    const low = limits.low ?? Math.floor(high / 4);
    if (!(high >= low && low >= 0))
      throw new RangeError(`Cannot set write buffer limits: high (${high}) must be >= low (${low}) must be >= 0`);
    this.high = high;
    this.low = low;
    this.grew();
    this.shrank();
  }

  /** To be called when more is buffered than before. */
  grew(): void {
    if (this.paused || this.#transport.getWriteBufferSize() <= this.high) return;
    this.paused = true;
    this.#tell("pauseWriting");
  }

  /** To be called when less is buffered than before, in a callback of the loop. */
  shrank(): void {
    if (!this.paused || this.#transport.getWriteBufferSize() > this.low) return;
    this.paused = false;
    this.#tell("resumeWriting");
  }

  #tell(method: "pauseWriting" | "resumeWriting"): void {
    const transport = this.#transport;
    const protocol = transport.getProtocol();
    try {
      protocol[method]();
    } catch (exception) {
      if (exception instanceof KeyboardInterrupt) throw exception;
      transport.loop.callExceptionHandler({ message: `protocol.${method}() failed`, exception, transport, protocol });
    }
  }
}
