import { TsyncioError } from "tsyncio";

/**
 * A stream ended before everything that was asked for had come.
 *
 * @see https://docs.python.org/3.13/library/asyncio-exceptions.html#asyncio.IncompleteReadError
 */
export class IncompleteReadError extends TsyncioError {
  override readonly code: string = "TSYNCIO_INCOMPLETE_READ";
  /** What had come. It is read: the stream does not give it again. */
  readonly partial: Uint8Array;
  /** How many bytes were asked for; null when it was not a number of bytes. */
  readonly expected: number | null;
  static {
    Object.defineProperty(this.prototype, "name", { value: "IncompleteReadError", configurable: true, writable: true });
  }

  constructor(message: string, partial: Uint8Array, expected: number | null) {
    super(message);
    this.partial = partial;
    this.expected = expected;
  }
}

/**
 * What was looked for in a stream did not come within its limit. The bytes are still there.
 *
 * @see https://docs.python.org/3.13/library/asyncio-exceptions.html#asyncio.LimitOverrunError
 */
export class LimitOverrunError extends TsyncioError {
  override readonly code: string = "TSYNCIO_LIMIT_OVERRUN";
  /** How many bytes can be read without reading what was looked for. */
  readonly consumed: number;
  static {
    Object.defineProperty(this.prototype, "name", { value: "LimitOverrunError", configurable: true, writable: true });
  }

  constructor(message: string, consumed: number) {
    super(message);
    this.consumed = consumed;
  }
}

/** A connection ended while something was still to be done with it. */
export class ConnectionLostError extends TsyncioError {
  override readonly code: string = "TSYNCIO_CONNECTION_LOST";
  static {
    Object.defineProperty(this.prototype, "name", { value: "ConnectionLostError", configurable: true, writable: true });
  }
}

/** No address can serve: a name has none of the family that is asked for, or there is no local one to go with it. */
export class AddressError extends TsyncioError {
  override readonly code: string = "TSYNCIO_NO_ADDRESS";
  static {
    Object.defineProperty(this.prototype, "name", { value: "AddressError", configurable: true, writable: true });
  }
}

/** A thread or a process ended before its job: by itself, out of memory, or killed. */
export class BrokenWorkerError extends TsyncioError {
  override readonly code: string = "TSYNCIO_BROKEN_WORKER";
  static {
    Object.defineProperty(this.prototype, "name", { value: "BrokenWorkerError", configurable: true, writable: true });
  }
}

/** There is no such process any more: the child has ended, and everything about it has been told. */
export class ProcessLookupError extends TsyncioError {
  override readonly code: string = "TSYNCIO_NO_PROCESS";
  static {
    Object.defineProperty(this.prototype, "name", { value: "ProcessLookupError", configurable: true, writable: true });
  }
}
