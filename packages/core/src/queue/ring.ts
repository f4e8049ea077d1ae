const INITIAL_CAPACITY = 8;
/** A larger ring is given back when it runs empty. */
const KEPT_CAPACITY = 1024;

/** Items first in, first out: a ring that doubles when it is full. */
export class Ring<T> {
  size = 0;
  #buffer: (T | undefined)[] = new Array<T | undefined>(INITIAL_CAPACITY).fill(undefined);
  #mask: number = INITIAL_CAPACITY - 1;
  #head = 0;

  add(item: T): void {
    if (this.size > this.#mask) this.#resize(this.size * 2);
    this.#buffer[(this.#head + this.size++) & this.#mask] = item;
  }

  /** The ring must not be empty. */
  take(): T {
    const head = this.#head;
    const item = this.#buffer[head] as T;
    this.#buffer[head] = undefined;
    this.#head = (head + 1) & this.#mask;
    if (--this.size === 0 && this.#mask >= KEPT_CAPACITY) this.#resize(INITIAL_CAPACITY);
    return item;
  }

  *[Symbol.iterator](): Generator<T, void, undefined> {
    for (let i = 0; i < this.size; i++) yield this.#buffer[(this.#head + i) & this.#mask] as T;
  }

  #resize(capacity: number): void {
    const larger = new Array<T | undefined>(capacity).fill(undefined);
    for (let i = 0; i < this.size; i++) larger[i] = this.#buffer[(this.#head + i) & this.#mask];
    this.#buffer = larger;
    this.#head = 0;
    this.#mask = capacity - 1;
  }
}
