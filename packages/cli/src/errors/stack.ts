import { sep } from "node:path";
import { fileURLToPath } from "node:url";

/** One line of a stack. */
export interface StackFrame {
  /** The function as the source names it; empty for one without a name and for the top level of a module. */
  readonly name: string;
  /** A path, or the name of an input of the REPL. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

const FRAME = /^\s+at (?:(.*?) \()?((?:file:\/\/|\/|[A-Za-z]:[\\/]|REPL\d)[^()]*?|\/.*?):(\d+):(\d+)\)?$/;

/** What the compiler puts around `async (x) => e`: a function that calls it, and this generator, which waits for its value. */
const TAIL = /^\s+at \$tail\$?\d* /;

/**
 * Reads the frames of an error's stack that belong to the program: those of Node and those below `hidden` folders are
 * left out, and the names are the ones of the source.
 */
export function readStack(error: Error, hidden: readonly string[]): readonly StackFrame[] {
  const lines = stackLines(error);
  return lines
    .filter((line, index) => !TAIL.test(line) && !TAIL.test(lines[index + 1] ?? ""))
    .map(readFrame)
    .filter((frame) => frame !== undefined)
    .filter(({ file }) => !hidden.some((folder) => file.startsWith(folder + sep)));
}

/** Reads one line, `    at inner$ (file:///app.ts:5:9)`; undefined when it names no place in a file. */
export function readFrame(text: string): StackFrame | undefined {
  const match = FRAME.exec(text);
  if (match === null) return undefined;
  const [, name = "", location, line, column] = match;
  return { name: sourceName(name), file: pathOf(location!), line: Number(line), column: Number(column) };
}

/** The name that the source gives to a function of a compiled file: generators of coroutines end in "$". */
export function sourceName(name: string): string {
  return name
    .replace(/^async /, "")
    .replace(/^<anonymous>$/, "")
    .replace(/ \[as [^\]]*\]$/, "")
    .replace(/\$+$/, "")
    .replace(/^(?:Object|_?Coroutine|GeneratorCoroutine|Generator)\./, "");
}

/** The stack without the message, which may have several lines itself. */
function stackLines({ name, message, stack }: Error): readonly string[] {
  if (typeof stack !== "string") return [];
  const at = typeof message === "string" && message !== "" ? stack.indexOf(message) : 0;
  const rest = at === -1 ? stack : stack.slice(at + (at === 0 ? 0 : message.length));
  return rest.split("\n").filter((line) => /^\s+at /.test(line) && !line.startsWith(`${name}:`));
}

function pathOf(location: string): string {
  return location.startsWith("file:") ? fileURLToPath(location) : location;
}
