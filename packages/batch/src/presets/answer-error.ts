import { BatchError } from "../errors.ts";

/** An answer that began well and then told of an error, or broke off. */
export class AnswerError extends BatchError {
  override readonly code: string = "TSYNCIO_BATCH_ANSWER";
  /** The status that the same error has when it comes at once; null when there is none. */
  readonly status: number | null;
  readonly body: string | null;
  static {
    Object.defineProperty(this.prototype, "name", { value: "AnswerError", configurable: true, writable: true });
  }

  constructor(message: string, status: number | null, body: string | null) {
    super(message);
    this.status = status;
    this.body = body;
  }
}

/** A stream that ended before its answer did. */
export function brokenOff(what: string): AnswerError {
  return new AnswerError(`Cannot read the answer: its stream ended before ${what}`, null, null);
}
