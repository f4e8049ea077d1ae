import { awaitPlace } from "./await-place.ts";
import { readFrame, type StackFrame } from "./stack.ts";

/** A coroutine that waited for the one before it when the error came. */
export interface ChainLink {
  readonly name: string;
  /** Where it awaited. */
  readonly place?: StackFrame | undefined;
  /** The task that it is the main coroutine of. */
  readonly task?: string | undefined;
}

/** Who awaited whom, innermost first: what the stack of an error does not hold. */
export type CoroutineChain = (error: Error, frames: readonly StackFrame[]) => readonly ChainLink[];

/** A frame as the runtime remembers it. */
export interface TracedFrame {
  readonly name: string;
  readonly fn?: { readonly name: string };
  readonly task?: string;
  /** In debug mode: the line of a stack that was taken where it awaited. */
  readonly site?: string;
}

/** Reads the chain from what the runtime remembers of an error. */
export function coroutineChain(trace: (error: unknown) => readonly TracedFrame[]): CoroutineChain {
  return (error, frames) => {
    let callee = frames.at(-1)?.name;
    return trace(error).map(({ name, fn, task, site }) => {
      const place = (site === undefined ? undefined : readFrame(site)) ?? (typeof fn === "function" ? awaitPlace(fn, callee) : undefined);
      callee = name;
      return { name, place, task };
    });
  };
}
