const LINE_FEED = 10;
const NOTHING = new Uint8Array(0);
const LONGEST = 64 * 2 ** 20;

/** One line, without its line feed. It shares its memory with the chunk, and costs little while nobody asks for its bytes. */
export class Line {
  /** From 1. */
  readonly number: number;
  /** The offset behind its line feed. */
  readonly end: number;
  readonly #chunk: Uint8Array;
  readonly #from: number;
  readonly length: number;

  constructor(number: number, end: number, chunk: Uint8Array, from: number, length: number) {
    this.number = number;
    this.end = end;
    this.#chunk = chunk;
    this.#from = from;
    this.length = length;
  }

  get bytes(): Buffer {
    return Buffer.from(this.#chunk.buffer, this.#chunk.byteOffset + this.#from, this.length);
  }

  /** Whether there is more than white space in it, behind the first `skipped` bytes. */
  hasText(skipped: number): boolean {
    const to = this.#from + this.length;
    for (let i = this.#from + skipped; i < to; i++) if (this.#chunk[i]! > 32) return true;
    return false;
  }
}

/** Cuts chunks of bytes into lines. */
export class LineCutter {
  /** The beginning of a line whose end has not come, and its length. */
  readonly #rest: Uint8Array[] = [];
  #restLength = 0;
  #number = 0;
  #offset = 0;

  /** @throws {RangeError} for a line of more than 64 MiB. */
  cut(chunk: Uint8Array): Line[] {
    const lines: Line[] = [];
    let from = 0;
    for (;;) {
      const at = chunk.indexOf(LINE_FEED, from);
      if (at === -1) break;
      lines.push(this.#line(chunk, from, at, this.#offset + at + 1));
      from = at + 1;
    }
    this.#offset += chunk.length;
    if (from < chunk.length) this.#keep(chunk.subarray(from));
    return lines;
  }

  /** What stands behind the last line feed, when there is something. */
  rest(): Line | null {
    return this.#restLength === 0 ? null : this.#line(NOTHING, 0, 0, this.#offset);
  }

  #line(chunk: Uint8Array, from: number, to: number, end: number): Line {
    if (this.#restLength === 0) return new Line(++this.#number, end, chunk, from, to - from);
    const whole = Buffer.concat([...this.#rest.splice(0), chunk.subarray(from, to)]);
    this.#restLength = 0;
    return new Line(++this.#number, end, whole, 0, whole.length);
  }

  #keep(bytes: Uint8Array): void {
    this.#restLength += bytes.length;
    if (this.#restLength > LONGEST)
      throw new RangeError(`line ${this.#number + 1} is longer than ${LONGEST / 2 ** 20} MiB`);
    // Whoever gave the chunk may use its memory again.
    this.#rest.push(bytes.slice());
  }
}
