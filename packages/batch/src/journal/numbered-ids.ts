const PAGE = 4096;
const IDS_PER_WORD = 16;
/** Pages that may be made at once, and how many ids must be there for each one more: a page takes a kilobyte. */
const FREE_PAGES = 256;
const IDS_PER_PAGE = 128;

/** Two bits for each of many numbers, in pages that are made as needed. */
export class NumberedIds {
  readonly #pages: Map<number, Uint32Array> = new Map();
  #size = 0;

  get(value: number): number {
    const page = this.#pages.get(Math.floor(value / PAGE));
    if (page === undefined) return 0;
    const at = value % PAGE;
    return (page[at >>> 4]! >>> ((at & 15) * 2)) & 3;
  }

  /** Whether there is a page for it, or may be: numbers that are far apart have no place here. */
  hasRoom(value: number): boolean {
    return (
      this.#pages.has(Math.floor(value / PAGE)) || this.#pages.size < FREE_PAGES + Math.floor(this.#size / IDS_PER_PAGE)
    );
  }

  /** Sets bits, and gives those that were set before. */
  add(value: number, bits: number): number {
    const index = Math.floor(value / PAGE);
    let page = this.#pages.get(index);
    if (page === undefined) this.#pages.set(index, (page = new Uint32Array(PAGE / IDS_PER_WORD)));
    const at = value % PAGE;
    const word = at >>> 4;
    const shift = (at & 15) * 2;
    const before = (page[word]! >>> shift) & 3;
    page[word]! |= bits << shift;
    if (before === 0) this.#size++;
    return before;
  }
}
