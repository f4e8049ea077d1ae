const LINE_FEED = 10;
const LONGEST = 64 * 2 ** 20;

/** One line, without its line feed. */
export interface Line {
  /** From 1. */
  readonly number: number;
  /** The offset behind its line feed. */
  readonly end: number;
  /** Shares its memory with the chunk. */
  readonly bytes: Uint8Array;
}

/** Cuts chunks of bytes into lines. */
export class LineCutter {
  /** The beginning of a line whose end has not come, and its length. */
  readonly #rest: Uint8Array[] = [];
  #restLength = 0;
  #number = 0;
  #offset = 0;

  /** How many bytes are in whole lines, so far. */
  get wholeLength(): number {
    return this.#offset - this.#restLength;
  }

  /** @throws {RangeError} for a line of more than 64 MiB. */
  cut(chunk: Uint8Array): Line[] {
    const lines: Line[] = [];
    let from = 0;
    for (;;) {
      const at = chunk.indexOf(LINE_FEED, from);
      if (at === -1) break;
      lines.push(this.#line(chunk.subarray(from, at), this.#offset + at + 1));
      from = at + 1;
    }
    this.#offset += chunk.length;
    if (from < chunk.length) this.#keep(chunk.subarray(from));
    return lines;
  }

  /** What stands behind the last line feed, when there is something. */
  rest(): Line | null {
    return this.#restLength === 0 ? null : this.#line(new Uint8Array(0), this.#offset);
  }

  #line(bytes: Uint8Array, end: number): Line {
    const whole = this.#restLength === 0 ? bytes : Buffer.concat([...this.#rest.splice(0), bytes]);
    this.#restLength = 0;
    return { number: ++this.#number, end, bytes: whole };
  }

  #keep(bytes: Uint8Array): void {
    this.#restLength += bytes.length;
    if (this.#restLength > LONGEST)
      throw new RangeError(`line ${this.#number + 1} is longer than ${LONGEST / 2 ** 20} MiB`);
    // Whoever gave the chunk may use its memory again.
    this.#rest.push(bytes.slice());
  }
}
