import { sep } from "node:path";
import { awaitPlace } from "./await-place.ts";
import type { StackFrame } from "./stack.ts";

/** A coroutine that an error passed through. */
export interface ChainLink {
  readonly name: string;
  /** Where it awaited. */
  readonly place?: StackFrame | undefined;
  /** The frame of the error's stack that it is: it did not wait, the error came out of it. */
  readonly frame?: StackFrame | undefined;
  /** The task that it is the main coroutine of. */
  readonly task?: string | undefined;
}

/** Who awaited whom, innermost first: what the stack of an error does not hold. */
export type CoroutineChain = (error: Error, frames: readonly StackFrame[]) => readonly ChainLink[];

/** A coroutine as the runtime remembers it. */
export interface TracedFrame {
  readonly name: string;
  /** Its generator function, or something else with a name. */
  readonly fn: { readonly name: string };
  readonly task?: string;
}

/**
 * Reads the chain from what the runtime remembers of an error. The first coroutine was running when the error came, so it is
 * on the stack already. Coroutines below `hidden` folders are left out.
 */
export function coroutineChain(
  trace: (error: unknown) => readonly TracedFrame[],
  hidden: readonly string[],
): CoroutineChain {
  return (error, frames) => {
    const links: ChainLink[] = [];
    let callee = frames.at(-1)?.name;
    for (const [index, { name, fn, task }] of trace(error).entries()) {
      const frame = index === 0 ? frames.findLast((frame) => isSameName(frame.name, name)) : undefined;
      if (frame !== undefined) links.push({ name, frame, task });
      else {
        const place = typeof fn === "function" ? awaitPlace(fn, callee) : undefined;
        const isHidden = place !== undefined && hidden.some((folder) => place.file.startsWith(folder + sep));
        if (!isHidden) links.push({ name, place, task });
        // The main coroutine of a task stays: it says which one.
        else if (task !== undefined) links.push({ name, task });
      }
      callee = name;
    }
    return links;
  };
}

/** A stack says `Reader.read`, and `<anonymous>` or nothing, where the runtime says `read` and `anonymous`. */
function isSameName(onStack: string, name: string): boolean {
  return (onStack.replace(/^.*\./, "") || "anonymous").replace(/[<>]/g, "") === name.replace(/[<>]/g, "");
}
