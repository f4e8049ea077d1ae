import { Session } from "node:inspector";
import { findSourceMap } from "node:module";
import { fileURLToPath } from "node:url";
import { awaitOffset } from "./await-offset.ts";
import { sourceName, type StackFrame } from "./stack.ts";

interface RemoteValue {
  readonly objectId: string;
}
interface InternalProperty {
  readonly name: string;
  readonly value?: {
    readonly value?: { readonly scriptId: string; readonly lineNumber: number; readonly columnNumber: number };
  };
}

const SLOT = Symbol.for("tsyncio.cli.function");

/**
 * Finds where a coroutine awaited `callee`, from nothing but its generator function: a frame that was suspended is not on
 * the JavaScript stack, so the place is the one await of the function that calls `callee`. Where several could be meant,
 * it is the function itself.
 *
 * Asks V8's inspector, which takes some milliseconds: for a program that ends, not for one that goes on.
 *
 * @returns undefined when V8 does not tell
 */
export function awaitPlace(fn: Function, callee: string | undefined): StackFrame | undefined {
  const start = functionStart(fn);
  if (start === undefined) return undefined;
  const text = fn.toString();
  const offset = callee === undefined ? undefined : awaitOffset(text, callee);
  const before = text.slice(0, offset ?? 0).split("\n");
  const line = start.line + before.length - 1;
  const column = before.length === 1 ? start.column + before[0]!.length : before.at(-1)!.length;
  return original(start.url, line, column, sourceName(fn.name));
}

/** Where the text of a function begins in the code that runs, counted from 0. */
function functionStart(fn: Function): { url: string; line: number; column: number } | undefined {
  const session = new Session();
  const urls = new Map<string, string>();
  const slots = globalThis as unknown as Record<symbol, Function | undefined>;
  session.connect();
  try {
    session.on("Debugger.scriptParsed", ({ params }) => urls.set(params.scriptId, params.url));
    session.post("Debugger.enable");
    slots[SLOT] = fn;
    const { result } = ask<{ result: RemoteValue }>(session, "Runtime.evaluate", {
      expression: `globalThis[Symbol.for("${SLOT.description}")]`,
    });
    const { internalProperties } = ask<{ internalProperties: InternalProperty[] }>(session, "Runtime.getProperties", {
      objectId: result.objectId,
      ownProperties: true,
    });
    const location = internalProperties.find(({ name }) => name === "[[FunctionLocation]]")?.value?.value;
    const url = location && urls.get(location.scriptId);
    if (!url) return undefined;
    // V8 places a function at its parameters; its text begins at "function" or at the name of a method.
    const parameters = Math.max(0, fn.toString().indexOf("("));
    return { url, line: location.lineNumber, column: Math.max(0, location.columnNumber - parameters) };
  } catch {
    // The inspector is missing (a Node built without it): the chain is shown by its names.
    return undefined;
  } finally {
    delete slots[SLOT];
    session.disconnect();
  }
}

/** Sessions inside of the process answer at once. */
function ask<Answer>(session: Session, method: string, params: object): Answer {
  let answer: Answer | undefined;
  session.post(method, params, (error: Error | null, result?: object) => {
    if (error === null) answer = result as Answer;
  });
  if (answer === undefined) throw new Error(`Cannot ask the inspector for ${method}`);
  return answer;
}

/** The place in the source that a compiled place came from. */
function original(url: string, line: number, column: number, name: string): StackFrame | undefined {
  const entry = findSourceMap(url)?.findEntry(line, column);
  if (entry !== undefined && "originalLine" in entry && entry.originalSource)
    return { name, file: pathOf(entry.originalSource), line: entry.originalLine + 1, column: entry.originalColumn + 1 };
  return { name, file: pathOf(url), line: line + 1, column: column + 1 };
}

function pathOf(url: string): string {
  return url.startsWith("file:") ? fileURLToPath(url) : url;
}
