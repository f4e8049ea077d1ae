import { TsyncioError } from "tsyncio";

function named(type: { readonly prototype: object }, name: string): void {
  Object.defineProperty(type.prototype, "name", { value: name, configurable: true, writable: true });
}

/** A batch cannot go on: its input cannot be read, or its results cannot be kept. */
export class BatchError extends TsyncioError {
  override readonly code: string = "TSYNCIO_BATCH";
  static {
    named(this, "BatchError");
  }
}

/** Another run writes the same results. */
export class OutputLockedError extends BatchError {
  override readonly code: string = "TSYNCIO_BATCH_LOCKED";
  /** The process that holds them; null when it cannot be told. */
  readonly pid: number | null;
  static {
    named(this, "OutputLockedError");
  }

  constructor(message: string, pid: number | null) {
    super(message);
    this.pid = pid;
  }
}

/** The results of earlier runs cannot be read: nothing was sent, and nothing was changed. */
export class ResultsError extends BatchError {
  override readonly code: string = "TSYNCIO_BATCH_RESULTS";
  static {
    named(this, "ResultsError");
  }
}

/** A line of the input of which no request can be made. The batch reports it and goes on. */
export class InputFault extends BatchError {
  override readonly code: string = "TSYNCIO_BATCH_INPUT";
  static {
    named(this, "InputFault");
  }
}
