import { CancelledError } from "tsyncio";
import type { Random } from "../../../conformance/random/random.ts";

/** What is soaked: some part of the package, with what its operations share (servers, pools) open. */
export interface Workload extends AsyncDisposable {
  /** Does something of its kind to the end, and checks what came out. It may be cancelled at any moment. */
  operate(random: Random): Promise<void>;
}

/** A kind of workload. */
export interface Kind {
  readonly name: string;
  /** How many tasks do its operations at once. */
  readonly tasks: number;
  /** Of its operations, how many may begin in a second. Default: any number. */
  readonly rate?: number;
  open(): Promise<Workload>;
}

/** Thrown by what is to fail. */
export class Planned extends Error {
  override readonly name = "Planned";
}

/** @throws an error unless it is as it should be. */
export function check(good: boolean, what: string): void {
  if (!good) throw new Error(`wrong: ${what}`);
}

/** What it throws. @throws when it throws nothing, and when it is cancelled. */
export async function errorOf(awaitable: PromiseLike<unknown>): Promise<Error & { readonly code?: string }> {
  try {
    await awaitable;
  } catch (error) {
    if (error instanceof CancelledError) throw error;
    return error as Error;
  }
  throw new Error("wrong: nothing was thrown");
}
