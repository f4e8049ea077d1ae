import { named } from "./named.ts";

/**
 * The errors of tsyncio. Every class carries a stable `code`, so that a program can tell them apart across
 * versions and realms.
 *
 * @see https://docs.python.org/3.13/library/asyncio-exceptions.html
 */
export class TsyncioError extends Error {
  /** Stable, machine readable: `"TSYNCIO_QUEUE_FULL"`. */
  readonly code: string = "TSYNCIO_ERROR";
  static {
    this.prototype.name = "TsyncioError";
  }
}

/**
 * Thrown into a coroutine at the point where it waits when its task is cancelled. Catch it only to clean up, and
 * throw it again: a task that swallows it goes on running.
 */
export class CancelledError extends TsyncioError {
  override readonly code: string = "TSYNCIO_CANCELLED";
  static {
    named(this, "CancelledError");
  }
}

/** An operation took longer than it was given. */
export class TimeoutError extends TsyncioError {
  override readonly code: string = "TSYNCIO_TIMEOUT";
  static {
    named(this, "TimeoutError");
  }
}

/** A future was asked for what it does not have yet, or set a second time. */
export class InvalidStateError extends TsyncioError {
  override readonly code: string = "TSYNCIO_INVALID_STATE";
  static {
    named(this, "InvalidStateError");
  }
}

/** An operation that the state of the runtime or of an object does not allow. */
export class RuntimeError extends TsyncioError {
  override readonly code: string = "TSYNCIO_RUNTIME";
  static {
    named(this, "RuntimeError");
  }
}

/** Every task waits for something that nothing left in the process can bring; the message is the await graph. */
export class DeadlockError extends TsyncioError {
  override readonly code: string = "TSYNCIO_DEADLOCK";
  static {
    named(this, "DeadlockError");
  }
}

/** What `run` rejects with when a signal (Ctrl-C) ended the program and the main task has cleaned up. */
export class KeyboardInterrupt extends TsyncioError {
  override readonly code: string = "TSYNCIO_KEYBOARD_INTERRUPT";
  /** The signal that came: `"SIGINT"` for Ctrl-C. */
  readonly signal: string;
  constructor(message?: string, options?: ErrorOptions & { readonly signal?: string }) {
    super(message, options);
    this.signal = options?.signal ?? "SIGINT";
  }
  static {
    named(this, "KeyboardInterrupt");
  }
}
