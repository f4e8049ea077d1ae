import type { ItemId } from "../input/item-id.ts";

/** Why a request has failed for good. */
export interface BatchFailure {
  /** Stable, machine readable: the `code` of the error, such as "TSYNCIO_HTTP_STATUS". */
  readonly code: string;
  readonly message: string;
  /** The beginning of what the server said; null when it said nothing. */
  readonly body: string | null;
}

/** The result of one item: what is recorded, one line of a JSONL output. */
export interface BatchResult {
  readonly id: ItemId;
  /** False for an error that no repetition would mend. */
  readonly ok: boolean;
  /** Where the item stood in the input. */
  readonly line: number;
  /** The status of the last answer; null when there was none. */
  readonly status: number | null;
  /** How often the request was sent in this run. */
  readonly attempts: number;
  /** From the last sending to the end of its answer, in milliseconds. */
  readonly elapsed: number;
  /** What it took of the limits, by the answer: `{ tokens: 812 }`. */
  readonly usage?: Readonly<Record<string, number>>;
  /** The answer: JSON as it is, anything else as text. Only when `ok`. */
  readonly result?: unknown;
  /** Only when not `ok`. */
  readonly error?: BatchFailure;
}

const HEAD = Buffer.from('{"id":');
const OK = Buffer.from(',"ok":true,');
const FAILED = Buffer.from(',"ok":false,');
const QUOTE = 34;
const BACKSLASH = 92;
const MINUS = 45;
const POINT = 46;
const BRACE = 125;

/** A result as a line, whose beginning `resultHead` can read without the rest. */
export function resultLine({ id, ok, ...rest }: BatchResult): Buffer {
  return Buffer.from(`${JSON.stringify({ id, ok, ...rest })}\n`);
}

/** What a line says first. */
export interface ResultHead {
  readonly id: ItemId;
  readonly ok: boolean;
}

/** The head of a line that has its line feed, which is left out; null for what is no result. What is behind the head is not looked at. */
export function resultHead(line: Buffer): ResultHead | null {
  return quickHead(line) ?? parsedHead(line);
}

/** Whether it is a result to its end. */
export function isWholeResult(line: Buffer): boolean {
  return parsedHead(line) !== null;
}

function quickHead(line: Buffer): ResultHead | null {
  if (line.length < 20 || line[line.length - 1] !== BRACE || !startsWith(line, HEAD, 0)) return null;
  let at = HEAD.length;
  const isText = line[at] === QUOTE;
  if (isText) {
    at++;
    while (at < line.length && line[at] !== QUOTE && line[at] !== BACKSLASH) at++;
    if (line[at] !== QUOTE) return null;
    at++;
  } else while (isNumeral(line[at]!)) at++;
  const text = line.toString("utf8", HEAD.length + (isText ? 1 : 0), isText ? at - 1 : at);
  const id = isText ? text : Number(text);
  if (startsWith(line, OK, at)) return { id, ok: true };
  return startsWith(line, FAILED, at) ? { id, ok: false } : null;
}

function isNumeral(byte: number): boolean {
  return (byte >= 48 && byte <= 57) || byte === MINUS || byte === POINT;
}

function startsWith(line: Buffer, part: Buffer, at: number): boolean {
  for (let i = 0; i < part.length; i++) if (line[at + i] !== part[i]) return false;
  return true;
}

function parsedHead(line: Buffer): ResultHead | null {
  let value: unknown;
  try {
    value = JSON.parse(line.toString());
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  const { id, ok } = value as Partial<ResultHead>;
  if ((typeof id !== "string" && typeof id !== "number") || typeof ok !== "boolean") return null;
  return { id, ok };
}
