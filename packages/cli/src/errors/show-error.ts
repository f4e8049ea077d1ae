import { relative, sep } from "node:path";
import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { codeFrame } from "./code-frame.ts";
import type { Colors } from "./colors.ts";
import type { ChainLink, CoroutineChain } from "./coroutine-chain.ts";
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
    return [title, ...sourceAt(fault, options, shown), stackLine("at", { name: "" }, placeOf(fault, options), colors)];
  }

  const raw = readStack(error, options.hidden ?? []);
  const chain = options.chain?.(error, raw) ?? [];
  const map = (frame: StackFrame): StackFrame => options.mapFrame?.(frame) ?? frame;
  const stack = raw.map((frame) => ({ ...map(frame), task: chain.find((link) => link.frame === frame)?.task }));
  const waiting = chain.filter(({ frame }) => frame === undefined).map((link) => mapPlace(link, map));
  const places = [...stack, ...waiting.flatMap(({ place }) => place ?? [])];
  const own = places.find(({ file }) => !file.includes(`${sep}node_modules${sep}`)) ?? places[0];
  return [
    ...heading(error, colors),
    ...(own === undefined ? [] : sourceAt(own, options, shown)),
    ...stack.map((frame) => stackLine("at", frame, placeOf(frame, options), colors)),
    ...waiting.map((link, index) => {
      const how = index === 0 && stack.length === 0 ? "at" : "awaited by";
      return stackLine(how, link, link.place && placeOf(link.place, options), colors);
    }),
    ...properties(error, colors),
    ...members(error, options, shown),
    ...cause(error, options, shown),
  ];
}

function mapPlace(link: ChainLink, map: (frame: StackFrame) => StackFrame): ChainLink {
  const place = link.place && map(link.place);
  return place === undefined ? link : { ...link, name: place.name === "" ? "" : link.name, place };
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

/** `at measure (app.ts:9:9) in task "Task-2"`; the name or the place may be missing. */
function stackLine(
  how: string,
  { name, task }: { readonly name: string; readonly task?: string | undefined },
  place: string | undefined,
  { bold, dim, cyan }: Colors,
): string {
  const where = place === undefined ? "" : cyan(place);
  const what = name === "" ? where : where === "" ? bold(name) : `${bold(name)} ${dim("(")}${where}${dim(")")}`;
  return `    ${dim(how)} ${what}${task === undefined ? "" : ` ${dim(`in task "${task}"`)}`}`;
}

function placeOf({ file, line, column }: Omit<StackFrame, "name">, { cwd = process.cwd() }: ShowErrorOptions): string {
  const path = file.startsWith(cwd + sep) ? relative(cwd, file) : file;
  return `${path}:${line}:${column}`;
}

const SHOWN_ELSEWHERE = new Set(["name", "message", "stack", "cause", "errors"]);

/** What the error carries besides: `code`, `path` and so on. The codes of tsyncio say what the name has said. */
function properties(error: Error, colors: Colors): string[] {
  const own = Object.entries(error).filter(
    ([key, value]) => !SHOWN_ELSEWHERE.has(key) && !(key === "code" && String(value).startsWith("TSYNCIO_")),
  );
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
  // How a timeout came about: nobody learns from it.
  if (error.cause === undefined || (error.cause as Error | null)?.name === "CancelledError") return [];
  const [first, ...rest] = describe(error.cause, options, shown);
  return [`  ${options.colors.dim("caused by")} ${first}`, ...rest.map((line) => `  ${line}`.trimEnd())];
}
