import { closeSync, existsSync, openSync, readFileSync, truncateSync, writeSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { RuntimeError } from "tsyncio";
import type { RecordedExchange } from "./recorded-exchange.ts";

const FIRST_LINE = { recording: "tsyncio http", version: 1 };

/** Where a recording is. */
export function pathOf(file: string | URL): string {
  if (typeof file !== "string" && !(file instanceof URL))
    throw new TypeError(`Cannot open recording ${String(file)}: expected a path or a file URL`);
  return typeof file === "string" ? file : fileURLToPath(file);
}

/** A recording that grows, a line for each exchange. A process that dies leaves whole lines, and at most one that is torn. */
export class RecordingFile {
  readonly #path: string;
  #descriptor: number | null;
  #next = 1;

  /** Goes on behind what is there already when it is to `append`; otherwise nothing of that stays. */
  constructor(path: string, append: boolean) {
    this.#path = path;
    const kept = append && existsSync(path) ? mend(path) : null;
    this.#descriptor = openSync(path, kept === null ? "w" : "a");
    if (kept === null) this.#write(FIRST_LINE);
    else this.#next = kept.reduce((most, { number }) => Math.max(most, number), 0) + 1;
  }

  /** The number of the next exchange. */
  next(): number {
    return this.#next++;
  }

  /** @throws {RuntimeError} when it is closed. */
  add(exchange: RecordedExchange): void {
    this.#write(exchange);
  }

  close(): void {
    if (this.#descriptor === null) return;
    closeSync(this.#descriptor);
    this.#descriptor = null;
  }

  #write(line: object): void {
    if (this.#descriptor === null) throw new RuntimeError(`Cannot record to "${this.#path}": the recorder is closed`);
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
    for (let at = 0; at < bytes.length;) at += writeSync(this.#descriptor, bytes, at);
  }
}

/** What a recording holds, in the order of the requests. A last line that is torn is left out. */
export function readRecording(path: string): RecordedExchange[] {
  const [first, ...lines] = readFileSync(path, "utf8").split("\n");
  const { recording, version } = (parsed(first) ?? {}) as Partial<typeof FIRST_LINE>;
  if (recording !== FIRST_LINE.recording)
    throw new RuntimeError(`Cannot replay "${path}": it is no recording, for its first line does not say so`);
  if (version !== FIRST_LINE.version)
    throw new RuntimeError(
      `Cannot replay "${path}": it has version ${version}, and this can read version 1; record it anew`,
    );
  // What comes behind the last newline is torn.
  lines.pop();
  const exchanges = lines.map((line, i) => {
    const exchange = parsed(line) as RecordedExchange | null;
    if (exchange?.request === undefined || exchange.outcome === undefined)
      throw new RuntimeError(`Cannot replay "${path}": line ${i + 2} is no exchange`);
    return exchange;
  });
  return exchanges.sort((a, b) => a.number - b.number);
}

function parsed(line: string | undefined): unknown {
  try {
    return JSON.parse(line ?? "");
  } catch {
    return null;
  }
}

/** Cuts off a last line that is torn, and gives what is left; null for a file that has not even its first line. */
function mend(path: string): RecordedExchange[] | null {
  const bytes = readFileSync(path);
  const end = bytes.lastIndexOf("\n") + 1;
  if (end === 0) return null;
  if (end < bytes.length) truncateSync(path, end);
  return readRecording(path);
}
