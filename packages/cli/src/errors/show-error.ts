import { relative, sep } from "node:path";
import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { codeFrame } from "./code-frame.ts";
import type { Colors } from "./colors.ts";
import type { CoroutineChain } from "./coroutine-chain.ts";
import { loadFault } from "./load-fault.ts";
import { readStack, type StackFrame } from "./stack.ts";

export interface ShowErrorOptions {
  readonly colors: Colors;
  /** Paths below it are shown without it. @defaultValue the current folder */
  readonly cwd?: string;
  /** Folders whose frames are left out: the runtime's. */
  readonly hidden?: readonly string[];
  /** The coroutines that an error passed through, which are not on its stack. */
  readonly chain?: CoroutineChain;
  /** The program: where to look for a fault that kept it from being loaded. */
  readonly entry?: string;
  /** Show the source around the place. @defaultValue true */
  readonly frames?: boolean;
  /** The text of a file; inputs of the REPL are no files. */
  readonly readSource?: (file: string) => string | undefined;
  /** Where a frame of compiled code lies in what was typed. @defaultValue stacks are already mapped */
  readonly mapFrame?: (frame: StackFrame) => StackFrame;
}

/** An error among those that are shown together: what was shown of the ones around it is not repeated. */
interface Shown {
  readonly seen: Set<unknown>;
  readonly places: Set<string>;
}

/**
 * Tells a person what went wrong: the message, the source at the exact place, the stack as the program's author wrote it,
 * who awaited whom, the members of a group, and the causes.
 *
 * @returns lines without a line feed at the end
 */
export function showError(error: unknown, options: ShowErrorOptions): string {
  return describe(error, options, { seen: new Set(), places: new Set() }).join("\n");
}

function describe(error: unknown, options: ShowErrorOptions, shown: Shown): readonly string[] {
  const { colors } = options;
  if (!(error instanceof Error)) {
    const value = inspect(error, { colors: colors.isColorSupported });
    return [`${colors.red(colors.bold("Uncaught"))} ${value}`, colors.dim("(not an Error: it has no stack)")];
  }
  if (shown.seen.has(error)) return [`${heading(error, colors)[0]} ${colors.dim("(shown above)")}`];
  shown.seen.add(error);

  const fault = loadFault(error, options.entry);
  if (fault !== undefined) {
    const title = `${colors.red(colors.bold(fault.kind))}: ${fault.reason}`;
    return [title, ...sourceAt(fault, options, shown), stackLine("at", "", placeOf(fault, options), colors)];
  }

  const frames = readStack(error, options.hidden ?? []).map((frame) => options.mapFrame?.(frame) ?? frame);
  const own = frames.find(({ file }) => !file.includes(`${sep}node_modules${sep}`)) ?? frames[0];
  return [
    ...heading(error, colors),
    ...(own === undefined ? [] : sourceAt(own, options, shown)),
    ...frames.map((frame) => stackLine("at", frame.name, placeOf(frame, options), colors)),
    ...chainLines(error, frames, options),
    ...properties(error, colors),
    ...members(error, options, shown),
    ...cause(error, options, shown),
  ];
}

function heading({ name, message }: Error, colors: Colors): string[] {
  const [first = "", ...rest] = String(message).split("\n");
  const title = colors.red(colors.bold(String(name)));
  return [first === "" ? title : `${title}: ${first}`, ...rest];
}

function sourceAt(place: Omit<StackFrame, "name">, options: ShowErrorOptions, { places }: Shown): readonly string[] {
  const key = `${place.file}:${place.line}`;
  if (options.frames === false || places.has(key)) return [];
  places.add(key);
  const source = (options.readSource ?? readFile)(place.file);
  const frame = source === undefined ? undefined : codeFrame(source, place, options.colors);
  return frame === undefined ? [] : ["", ...frame, ""];
}

function readFile(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function stackLine(how: string, name: string, place: string, { bold, dim, cyan }: Colors): string {
  if (place === "") return `    ${dim(how)} ${bold(name)}`;
  return name === ""
    ? `    ${dim(how)} ${cyan(place)}`
    : `    ${dim(how)} ${bold(name)} ${dim("(")}${cyan(place)}${dim(")")}`;
}

function placeOf({ file, line, column }: Omit<StackFrame, "name">, { cwd = process.cwd() }: ShowErrorOptions): string {
  const path = file.startsWith(cwd + sep) ? relative(cwd, file) : file;
  return `${path}:${line}:${column}`;
}

function chainLines(error: Error, frames: readonly StackFrame[], options: ShowErrorOptions): string[] {
  const { colors } = options;
  return (options.chain?.(error, frames) ?? []).map(({ name, place, task }) => {
    const mapped = place && (options.mapFrame?.(place) ?? place);
    const line = stackLine("awaited by", name, mapped === undefined ? "" : placeOf(mapped, options), colors);
    return task === undefined ? line : `${line} ${colors.dim(`in task "${task}"`)}`;
  });
}

const SHOWN_ELSEWHERE = new Set(["name", "message", "stack", "cause", "errors"]);

/** What the error carries besides: `code`, `path` and so on. */
function properties(error: Error, colors: Colors): string[] {
  const own = Object.entries(error).filter(([key]) => !SHOWN_ELSEWHERE.has(key));
  if (own.length === 0) return [];
  const text = inspect(Object.fromEntries(own), { colors: colors.isColorSupported, depth: 1, breakLength: Infinity });
  return [`    ${text}`];
}

function members(error: Error, options: ShowErrorOptions, shown: Shown): string[] {
  const { errors } = error as { errors?: unknown };
  if (!Array.isArray(errors)) return [];
  const { dim } = options.colors;
  return errors.flatMap((member, index) => {
    const isLast = index === errors.length - 1;
    const lines = describe(member, options, shown);
    return lines.map((line, i) => {
      if (i === 0) return `  ${dim(isLast ? "└─" : "├─")} ${line}`;
      return `  ${isLast ? " " : dim("│")}  ${line}`.trimEnd();
    });
  });
}

function cause(error: Error, options: ShowErrorOptions, shown: Shown): string[] {
  if (error.cause === undefined) return [];
  const [first, ...rest] = describe(error.cause, options, shown);
  return [`  ${options.colors.dim("caused by")} ${first}`, ...rest.map((line) => `  ${line}`.trimEnd())];
}
