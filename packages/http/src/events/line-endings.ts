const CR = "\r";
const LF = "\n";

/** Makes LF of every CR, LF and CRLF of a text that comes in pieces, as soon as the line has ended. */
export class LineEndings {
  /** The last piece ended with a CR: an LF that begins the next one belongs to it. */
  #afterCarriageReturn = false;

  normalised(piece: string): string {
    if (piece === "") return piece;
    const text = this.#afterCarriageReturn && piece.startsWith(LF) ? piece.slice(1) : piece;
    this.#afterCarriageReturn = piece.endsWith(CR);
    return text.includes(CR) ? text.replaceAll(/\r\n?/g, LF) : text;
  }
}
