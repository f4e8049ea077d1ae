/** What `readuntil` looks for: bytes, text for its UTF-8, or several of these. */
export type Separator = string | Uint8Array | readonly (string | Uint8Array)[];

/** What is looked for, checked. */
export class Separators {
  readonly all: readonly Uint8Array[];
  readonly longest: number;

  /**
   * @throws {RangeError} when there is none, or an empty one.
   * @throws {TypeError} when one is neither bytes nor text.
   */
  constructor(separator: Separator) {
    const given = typeof separator === "string" || separator instanceof Uint8Array ? [separator] : separator;
    if (given.length === 0) throw new RangeError("Cannot readuntil(): there must be at least one separator");
    // The shortest first: of those that end together it counts.
    this.all = given.map(bytesOf).sort((a, b) => a.length - b.length);
    this.longest = this.all[this.all.length - 1].length;
  }

  toString(): string {
    return this.all.map((separator) => JSON.stringify(Buffer.from(separator).toString("latin1"))).join(" or ");
  }
}

function bytesOf(separator: string | Uint8Array): Uint8Array {
  const bytes = typeof separator === "string" ? Buffer.from(separator) : separator;
  if (!(bytes instanceof Uint8Array))
    throw new TypeError(`Cannot readuntil(): a separator must be bytes or text, received ${String(separator)}`);
  if (bytes.length === 0) throw new RangeError("Cannot readuntil(): a separator must have at least one byte");
  return bytes;
}
