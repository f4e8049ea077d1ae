import { ExceptionGroup } from "tsyncio";

/** The errors in a group as texts, those in a group within it as a list of their own; fails for what is no group. */
export function members(error: unknown): unknown[] {
  if (!(error instanceof ExceptionGroup)) throw new Error(`expected an ExceptionGroup, received ${String(error)}`);
  return error.errors.map((each) => (each instanceof ExceptionGroup ? members(each) : String(each)));
}
