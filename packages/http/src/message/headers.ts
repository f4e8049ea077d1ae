/** Headers to be sent. Several values of one name make several lines; null and undefined leave the name out, or take a default away. */
export type HeaderValues =
  | Readonly<Record<string, string | number | readonly string[] | null | undefined>>
  | Iterable<readonly [name: string, value: string]>;

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
// oxlint-disable-next-line no-control-regex -- exactly these may not be sent
const NOT_A_VALUE = /[^\t\x20-\x7e\x80-\xff]/;

/**
 * The headers of a message. Names are case-insensitive and given in lower case; order and repetitions are kept. They do not
 * change.
 *
 * @example
 * ```ts
 * import { HttpHeaders } from "@tsyncio/http";
 * const headers = new HttpHeaders({ Accept: "text/html", "X-Tag": ["a", "b"] });
 * console.log(headers.get("accept"), headers.get("X-TAG"), headers.getAll("x-tag")); // → text/html a, b [ 'a', 'b' ]
 * ```
 */
export class HttpHeaders implements Iterable<readonly [name: string, value: string]> {
  /** Name, value, name, value, as they came; they become `#pairs` when more than single ones are asked for. */
  #raw: readonly Uint8Array[] | null;
  #pairs: readonly (readonly [string, string])[] | null;

  /**
   * @throws {TypeError} for a name that is no token, and a value with what a header cannot hold: line breaks above all.
   */
  constructor(values: HeaderValues = []) {
    this.#raw = null;
    this.#pairs = Object.freeze(pairsOf(values));
  }

  /** @internal Of what the wire has brought: nothing is read before it is asked for. */
  static ofRaw(raw: readonly Uint8Array[]): HttpHeaders {
    const headers = new HttpHeaders(NONE);
    headers.#raw = raw;
    headers.#pairs = null;
    return headers;
  }

  /** The value; several are joined by `", "`. Null when there is none. */
  get(name: string): string | null {
    const values = this.getAll(name);
    return values.length === 0 ? null : values.length === 1 ? (values[0] as string) : values.join(", ");
  }

  /** All values in their order: one for each line. */
  getAll(name: string): readonly string[] {
    const wanted = name.toLowerCase();
    if (this.#pairs === null) return valuesIn(this.#raw as readonly Uint8Array[], wanted);
    return this.#pairs.filter(([own]) => own === wanted).map(([, value]) => value);
  }

  /** Whether there is such a header. */
  has(name: string): boolean {
    return this.getAll(name).length > 0;
  }

  /** @internal Whether a name has one of these in it. */
  hasNameLike(...parts: readonly string[]): boolean {
    const raw = this.#pairs === null ? (this.#raw as readonly Buffer[]) : null;
    if (raw === null) return this.entries().some(([name]) => parts.some((part) => name.includes(part)));
    for (let i = 0; i < raw.length; i += 2) {
      const name = latin1(raw[i] as Buffer).toLowerCase();
      for (const part of parts) if (name.includes(part)) return true;
    }
    return false;
  }

  /** Name and value of each line. */
  entries(): readonly (readonly [name: string, value: string])[] {
    return (this.#pairs ??= readAll(this.#raw as readonly Uint8Array[]));
  }

  [Symbol.iterator](): Iterator<readonly [name: string, value: string]> {
    return this.entries()[Symbol.iterator]();
  }

  /** As an object: a name that comes several times has its values joined by `", "`. */
  toJSON(): Record<string, string> {
    return Object.fromEntries(this.entries().map(([name]) => [name, this.get(name) as string]));
  }
}

const NONE: readonly (readonly [string, string])[] = [];

/** What says how a message is carried. `connection: close` may be asked for. */
const OF_THE_CONNECTION: ReadonlySet<string> = new Set(["expect", "keep-alive", "transfer-encoding", "upgrade"]);

/** @internal Name, in lower case, and value. */
export type HeaderLine = readonly [name: string, value: string];

/** @internal `values` in the place of those lines that have the same names; null and undefined take them away. */
export function mergeHeaders(lines: readonly HeaderLine[], values: HeaderValues): readonly HeaderLine[] {
  const own = pairsOf(values);
  for (const [name] of own)
    if (OF_THE_CONNECTION.has(name))
      throw new TypeError(
        `Cannot send header "${name}": it is between the client and the next server, and not the caller's`,
      );
  const names = new Set(Symbol.iterator in values ? [] : Object.keys(values).map((name) => headerName(name)));
  for (const [name] of own) names.add(name);
  return [...lines.filter(([name]) => !names.has(name)), ...own];
}

/** Name and value of each line, checked. */
function pairsOf(values: HeaderValues): (readonly [string, string])[] {
  if (typeof values !== "object" || values === null)
    throw new TypeError(`Cannot read headers: expected an object or pairs, received ${String(values)}`);
  const pairs: (readonly [string, string])[] = [];
  const given = Symbol.iterator in values ? values : Object.entries(values);
  for (const [name, value] of given) {
    if (value === null || value === undefined) continue;
    const lower = headerName(name);
    for (const one of Array.isArray(value) ? value : [value]) pairs.push([lower, headerValue(name, one)]);
  }
  return pairs;
}

/** @internal A name that HTTP can carry, in lower case. */
export function headerName(name: string, what = "header"): string {
  if (typeof name !== "string" || !TOKEN.test(name))
    throw new TypeError(`Cannot send ${what} ${JSON.stringify(name)}: its name must be letters, digits and hyphens`);
  return name.toLowerCase();
}

function headerValue(name: string, value: unknown): string {
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string")
    throw new TypeError(`Cannot send header "${name}": its value must be a string, received ${String(value)}`);
  if (NOT_A_VALUE.test(text))
    throw new TypeError(
      `Cannot send header "${name}": its value holds a line break, or what is not in Latin-1; encode it first`,
    );
  return text.trim();
}

function valuesIn(raw: readonly Uint8Array[], name: string): string[] {
  const values: string[] = [];
  for (let i = 0; i < raw.length; i += 2) {
    const own = raw[i] as Buffer;
    if (own.length === name.length && latin1(own).toLowerCase() === name) values.push(latin1(raw[i + 1] as Buffer));
  }
  return values;
}

function readAll(raw: readonly Uint8Array[]): readonly (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  for (let i = 0; i < raw.length; i += 2)
    pairs.push([latin1(raw[i] as Buffer).toLowerCase(), latin1(raw[i + 1] as Buffer)]);
  return Object.freeze(pairs);
}

const latin1 = (bytes: Buffer): string => bytes.toString("latin1");
