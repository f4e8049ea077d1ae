/** Whether the environment asks for debug mode. */
export function debugWanted(): boolean {
  const wanted = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env?.[
    "TSYNCIO_DEBUG"
  ];
  return wanted !== undefined && wanted !== "" && wanted !== "0";
}

/** Whether coroutines note where they are made: while an open loop is in debug mode, or the environment asks for it. */
export const tracing: { on: boolean } = { on: debugWanted() };

let debugged = 0;

/** To be called when a loop comes to be in debug mode, and when it is no longer, or closed. */
export function countDebugged(change: 1 | -1): void {
  debugged += change;
  tracing.on = debugged > 0 || debugWanted();
}

/** The folders of this package, whose frames are not the program's; none when it was bundled into something else. */
function ownFolders(): readonly string[] {
  const own = /^(?:file:\/\/)?(.*\/)(?:dist|src)\/(?:loop\/creation-stack|single[\w-]*)\.[jt]s/;
  const here = own.exec(import.meta.url ?? "")?.[1];
  return here === undefined ? [] : [`${here}dist/`, `${here}src/`];
}

let own: readonly string[] | undefined;
const LONGEST = 10;

/** Where futures and tasks were made, in debug mode. */
export const creations: WeakMap<object, string> = new WeakMap();

/** The file and the line of the first frame of a `creationStack()`. */
export function placeOf(stack: string): string {
  const frame = stack.split("\n", 1)[0];
  return /\(([^()]*)\)$/.exec(frame)?.[1] ?? frame.replace(/^ *at /, "");
}

/** Where something was made: the frames of the program on the JavaScript stack, ten at most. For debug mode. */
export function creationStack(): string {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 2 * LONGEST;
  const { stack = "" } = new Error();
  Error.stackTraceLimit = limit;
  // The first line is the name of the error or, where the host writes none, this function; then comes one of this package anyhow.
  const frames = stack.split("\n").slice(2);
  const folders = (own ??= ownFolders());
  const program = frames.filter(
    (frame) => !/\(<anonymous>\)|\bnode:internal\//.test(frame) && !folders.some((folder) => frame.includes(folder)),
  );
  return (program.length > 0 ? program : frames).slice(0, LONGEST).join("\n");
}
