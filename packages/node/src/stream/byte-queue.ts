/** A piece up to this size is copied to the end of a block: as an object of its own it would take many times its bytes. */
const SMALL = 512;
const BLOCK = 4096;

/**
 * Bytes, first in, first out, in the pieces in which they came. What lies in one piece is taken without a copy, what lies in
 * several is copied once.
 */
export class ByteQueue {
  /** How many bytes it holds. */
  size = 0;
  readonly #pieces: Buffer[] = [];
  /** How much of the first piece is taken. */
  #start = 0;
  /** The last piece, while it is a block with room at its end, and how much of it is used. */
  #block: Buffer | null = null;
  #used = 0;

  /** Takes the piece over: its bytes must not change any more. */
  push(piece: Uint8Array): void {
    this.size += piece.length;
    if (piece.length <= SMALL && this.#pieces.length > 0) this.#pushSmall(piece);
    else {
      this.#block = null;
      this.#pieces.push(asBuffer(piece));
    }
  }

  #pushSmall(piece: Uint8Array): void {
    const pieces = this.#pieces;
    let block = this.#block;
    if (block === null || this.#used + piece.length > BLOCK) {
      block = this.#block = Buffer.allocUnsafeSlow(BLOCK);
      this.#used = 0;
      pieces.push(block);
    }
    block.set(piece, this.#used);
    this.#used += piece.length;
    pieces[pieces.length - 1] = block.subarray(0, this.#used);
  }

  /** Takes the first `count` bytes, of which there are so many. */
  take(count: number): Buffer {
    const first = this.#pieces[0];
    const start = this.#start;
    const end = start + count;
    if (first === undefined) return Buffer.alloc(0);
    const whole = start === 0 && end === first.length;
    const taken = whole ? first : end <= first.length ? first.subarray(start, end) : this.#copy(0, count);
    this.drop(count);
    return taken;
  }

  /** Drops the first `count` bytes, of which there are so many. */
  drop(count: number): void {
    const pieces = this.#pieces;
    this.size -= count;
    if (this.size === 0) {
      while (pieces.length > 0) pieces.pop();
      this.#start = 0;
      this.#block = null;
      return;
    }
    let start = this.#start + count;
    let taken = 0;
    while (start >= pieces[taken].length) start -= pieces[taken++].length;
    if (taken > 0) pieces.splice(0, taken);
    this.#start = start;
  }

  /** Where `separator` begins, at `from` or later; -1 when it is not there. */
  indexOf(separator: Uint8Array, from: number): number {
    const { length } = separator;
    const needle = length === 1 ? separator[0] : separator;
    const pieces = this.#pieces;
    // What was searched before lies in front: the first piece to search is found from behind.
    let i = pieces.length;
    let begin = this.size;
    while (i > 0 && begin > from) begin -= pieces[--i].length;
    for (; i < pieces.length; i++) {
      const piece = pieces[i];
      const end = begin + piece.length;
      const found = piece.indexOf(needle, from - begin);
      if (found >= 0) return begin + found;
      if (length > 1 && end < this.size) {
        // It may begin in this piece and end in a later one.
        const near = Math.max(from, end - length + 1);
        const across = this.#copy(near, Math.min(end + length - 1, this.size)).indexOf(separator);
        if (across >= 0) return near + across;
      }
      begin = from = end;
    }
    return -1;
  }

  /** A copy of the bytes from `from` to before `to`. */
  #copy(from: number, to: number): Buffer {
    const copy = Buffer.allocUnsafe(to - from);
    let begin = -this.#start;
    for (const piece of this.#pieces) {
      const end = begin + piece.length;
      if (end > from)
        piece.copy(copy, Math.max(begin - from, 0), Math.max(from - begin, 0), Math.min(to - begin, piece.length));
      if (end >= to) break;
      begin = end;
    }
    return copy;
  }
}

/** The same bytes as a Buffer, not copied. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
