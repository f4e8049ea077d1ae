import { CancelledError, type Coroutine, coroutine, moveOnAfter } from "tsyncio";
import type { Pull } from "../input/pull.ts";

const PATIENCE = 1_000;

/** Reads what comes behind the end of an answer, which is nothing: then its connection can be used again. */
export function readToEnd(arriving: Pull<unknown>): Coroutine<unknown> {
  return moveOnAfter(PATIENCE, () => reading(arriving));
}

const reading = coroutine(function* readToEnd(arriving: Pull<unknown>) {
  try {
    while ((yield* arriving.next()).done !== true);
  } catch (error) {
    // The answer is there; how its connection ends matters to nobody.
    if (error instanceof CancelledError) throw error;
  }
});
