import { readFileSync } from "node:fs";
import { findSourceMap } from "node:module";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync } from "oxc-parser";
import type { Place } from "./code-frame.ts";

/** What kept a file from being loaded, and where. */
export interface LoadFault extends Place {
  readonly kind: string;
  readonly file: string;
  readonly reason: string;
}

/**
 * The fault of a source text that an error reports: its syntax, or an import that leads nowhere. Undefined for every other error.
 *
 * The error may come from the thread of the loader hooks, where it lost its class: its message is what stays.
 *
 * @param entry the program, where V8 tells no place
 */
export function loadFault(error: Error, entry?: string): LoadFault | undefined {
  const compiled = /^(.+?):(\d+):(\d+): Cannot compile: ([^]*)$/.exec(error.message);
  if (compiled !== null) {
    const [, file, line, column, reason] = compiled;
    return { kind: "SyntaxError", file: file!, line: Number(line), column: Number(column), reason: capital(reason!) };
  }
  if (error instanceof SyntaxError)
    return nativeFault(error) ?? (entry === undefined ? undefined : hiddenFault(error, entry));
  return missingImport(error);
}

/** V8 puts the place before the message: `file:///app.js:3`, the line, a mark, a blank line. */
function nativeFault({ stack = "", message }: SyntaxError): LoadFault | undefined {
  const match = /^(file:\/\/.*|\/.*|[A-Za-z]:.*):(\d+)\n(.*)\n(\s*)\^/.exec(stack);
  if (match === null) return undefined;
  const [, location, text, , indent] = match;
  let place: Place = { line: Number(text), column: indent!.length + 1 };
  const entry = findSourceMap(location!)?.findEntry(place.line - 1, place.column - 1);
  if (entry !== undefined && "originalLine" in entry && entry.originalSource)
    place = { line: entry.originalLine + 1, column: entry.originalColumn + 1 };
  return { kind: "SyntaxError", file: pathOf(location!), ...place, reason: message };
}

/** A module that V8 could not parse: Node tells neither file nor place, so the program's own files are looked through. */
function hiddenFault({ stack = "", message }: SyntaxError, entry: string): LoadFault | undefined {
  if (!/\bcompileSourceTextModule\b|\bwrapSafe\b|\bModuleWrap\b/.test(stack)) return undefined;
  const files = [entry];
  for (const file of files) {
    const text = readText(file);
    if (text === undefined) continue;
    const { errors, module } = parseSync(file, text, { showSemanticErrors: true });
    const error = errors.find(({ severity }) => severity === "Error");
    if (error !== undefined) {
      const place = placeAt(text, error.labels[0]?.start ?? 0);
      return { kind: "SyntaxError", file, ...place, reason: message };
    }
    for (const { moduleRequest } of module.staticImports) {
      const path = resolve(dirname(file), moduleRequest.value);
      if (moduleRequest.value.startsWith(".") && !files.includes(path)) files.push(path);
    }
  }
  return undefined;
}

/** Node names the importing file, but not the line. */
function missingImport({ message, ...error }: Error & { code?: string }): LoadFault | undefined {
  if (error.code !== "ERR_MODULE_NOT_FOUND") return undefined;
  const match = /^Cannot find (?:package|module) '(.+?)' imported from (.+?)$/m.exec(message);
  if (match === null) return undefined;
  const [, wanted, importer] = match as unknown as [string, string, string];
  const file = pathOf(importer);
  const text = readText(file);
  if (text === undefined) return undefined;
  for (const found of text.matchAll(/(["'])([^"'\n]+)\1/g)) {
    const [, , specifier] = found as unknown as [string, string, string];
    const isWanted = specifier.startsWith(".")
      ? resolve(dirname(file), specifier) === pathOf(wanted)
      : specifier === wanted || specifier.startsWith(`${wanted}/`);
    if (isWanted) {
      const what = specifier.startsWith(".") ? "there is no such file" : "it is not installed here";
      const reason = `Cannot find "${specifier}": ${what}`;
      return { kind: "Error", file, ...placeAt(text, found.index), reason };
    }
  }
  return undefined;
}

function placeAt(text: string, offset: number): Place {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function pathOf(location: string): string {
  return location.startsWith("file:") ? fileURLToPath(location) : location;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
