/** One item of an input. It can be read until the next items are asked for. */
export interface InputItem {
  /** Where it stands: the line in its file, from 1; the place in an iterable, from 1. */
  readonly line: number;
  /** How much of the input is read with it, in the measure of `BatchInput.size`. */
  readonly end: number;
  /**
   * What it says. Read at most once.
   *
   * @throws {InputFault} when it cannot be read.
   */
  value(): unknown;
}

/**
 * What a batch sends: items that are read while they are needed. `jsonlInput`, `csvInput` and `iterableInput` make it; so may
 * anything else. It is read once.
 */
export interface BatchInput {
  /** For messages: the name of the file. */
  readonly name: string;
  /** How much there is, in bytes or in items; null when nobody knows before the end. */
  readonly size: number | null;
  /** Opens it. Items come in groups, so that what has arrived together is read without a wait. */
  items(): AsyncIterator<readonly InputItem[]>;
}

export function isBatchInput(input: unknown): input is BatchInput {
  return typeof input === "object" && input !== null && typeof (input as BatchInput).items === "function";
}
