import { findSourceMap } from "node:module";
import { fileURLToPath } from "node:url";

/** A text that is no valid program, and where. */
export interface SyntaxFault {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly reason: string;
}

/**
 * The fault that an error reports about a source text; undefined for every other error.
 *
 * The error may come from the thread of the loader hooks, where it lost its class: its message is what stays.
 */
export function syntaxFault(error: Error): SyntaxFault | undefined {
  const compiled = /^(.+?):(\d+):(\d+): Cannot compile: ([^]*)$/.exec(error.message);
  if (compiled !== null) {
    const [, file, line, column, reason] = compiled;
    return { file: file!, line: Number(line), column: Number(column), reason: capital(reason!) };
  }
  return error instanceof SyntaxError ? nativeFault(error) : undefined;
}

/** V8 puts the place before the message: `file:///app.js:3`, the line, a mark, a blank line. */
function nativeFault({ stack = "", message }: SyntaxError): SyntaxFault | undefined {
  const match = /^(file:\/\/.*|\/.*|[A-Za-z]:.*):(\d+)\n(.*)\n(\s*)\^/.exec(stack);
  if (match === null) return undefined;
  const [, location, line, , indent] = match;
  const fault = { line: Number(line), column: indent!.length + 1 };
  const entry = findSourceMap(location!)?.findEntry(fault.line - 1, fault.column - 1);
  if (entry !== undefined && "originalLine" in entry && entry.originalSource) {
    fault.line = entry.originalLine + 1;
    fault.column = entry.originalColumn + 1;
  }
  return { ...fault, file: location!.startsWith("file:") ? fileURLToPath(location!) : location!, reason: message };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
