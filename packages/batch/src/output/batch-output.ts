import type { Awaitable, Coroutine } from "tsyncio";
import type { ItemId } from "../input/item-id.ts";
import type { BatchResult } from "./batch-result.ts";

/** Where the results of a batch are kept: they are the truth of what is done. `jsonlOutput` and `databaseOutput` make it. */
export interface BatchOutput {
  /** For messages: the name of the file. */
  readonly name: string;
  /**
   * Opens it for one run, and keeps other runs away until it is closed.
   *
   * @throws {OutputLockedError} when another run has it.
   */
  open(): ResultStore;
}

/** An output that is open. */
export interface ResultStore {
  /** How many bytes of a torn line were found at its end, and removed. */
  readonly mended: number;
  /** Tells everything that is recorded; `see` says whether it has not heard of the id before. */
  recorded(see: (id: ItemId, ok: boolean) => boolean): Coroutine<void>;
  /** Forgets the failures, before `recorded` is asked: their items have no result then. Gives how many they were. */
  forgetFailed(): Coroutine<number>;
  /** Records a result: from its return on it is not lost with the process; what it gives is waited for. */
  write(result: BatchResult, position: number): void | Awaitable<void>;
  /** Only of an output in the order of the input. */
  readonly ordering?: Ordering;
  /** Closes it, and lets other runs in. `complete`: every item of the input has its result. */
  close(complete: boolean): Coroutine<void>;
}

/** Results that stand in the order of the input: each item that has or gets a result has a position, from 0 without gaps. */
export interface Ordering {
  /** Waits until `position` is near enough to the first that has no result yet. */
  room(position: number): Coroutine<void>;
  /** That position needs no result of this run: the id has one already. */
  taken(position: number, id: ItemId): void;
}

export function isBatchOutput(output: unknown): output is BatchOutput {
  return typeof output === "object" && output !== null && typeof (output as BatchOutput).open === "function";
}
