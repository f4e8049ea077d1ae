import { InvalidArgumentError } from "commander";

/** Of a flag that may be repeated. */
export function append(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** @throws {InvalidArgumentError} for what is none, and for 0. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("It must be a whole number of at least 1.");
  return value;
}

/** @throws {InvalidArgumentError} for what is none. */
export function wholeNumberOrZero(text: string): number {
  return text === "0" ? 0 : wholeNumber(text);
}
