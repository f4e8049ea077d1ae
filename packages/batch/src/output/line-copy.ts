import type { AppendFile } from "./append-file.ts";

const GATHERED = 2 ** 20;
const LINE_FEED = Buffer.from("\n");

/** Copies lines to the end of a file, many at a time. */
export class LineCopy {
  readonly #file: AppendFile;
  #lines: Uint8Array[] = [];
  #length = 0;

  constructor(file: AppendFile) {
    this.#file = file;
  }

  /** Adds a line without its line feed, and gives the offset where it will stand. */
  add(line: Uint8Array): number {
    const offset = this.#file.size + this.#length;
    this.#lines.push(line.slice(), LINE_FEED);
    this.#length += line.length + 1;
    if (this.#length >= GATHERED) this.flush();
    return offset;
  }

  flush(): void {
    if (this.#length > 0) this.#file.append(Buffer.concat(this.#lines));
    this.#lines = [];
    this.#length = 0;
  }
}
