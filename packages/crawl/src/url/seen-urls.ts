import { type Fingerprint, fingerprint } from "./fingerprint.ts";

const FIRST_SLOTS = 1 << 12;
/** Of ten slots. */
const FULL = 0.6;

/**
 * Which addresses have been met: 64 bits of each, 13 to 27 bytes with the free slots. Of a hundred million addresses the
 * odds that one is mistaken for another are 1 in 3,700.
 *
 * With a limit it forgets everything when it is full: then it is a filter before something that knows for sure.
 */
export class SeenUrls {
  readonly #seed: number;
  readonly #limit: number;
  readonly #scratch: Fingerprint = { high: 0, low: 0 };
  /** Two halves a slot; both are 0 where it is free. */
  #slots = new Uint32Array(FIRST_SLOTS * 2);
  #size = 0;

  constructor(seed: number, limit: number = Infinity) {
    this.#seed = seed;
    this.#limit = limit;
  }

  get size(): number {
    return this.#size;
  }

  /** What it takes in memory. */
  get bytes(): number {
    return this.#slots.byteLength;
  }

  /** Whether the address has been added. */
  has(url: string): boolean {
    const { high, low } = this.#fingerprint(url);
    const at = this.#find(high, low);
    return this.#slots[at] !== 0 || this.#slots[at + 1] !== 0;
  }

  /** Whether the address is new; it is known from then on. */
  add(url: string): boolean {
    const { high, low } = this.#fingerprint(url);
    if (!this.#put(high, low)) return false;
    this.#size++;
    if (this.#size >= this.#limit) this.#forget();
    else if (this.#size * 2 > this.#slots.length * FULL) this.#grow();
    return true;
  }

  #fingerprint(url: string): Fingerprint {
    const print = fingerprint(url, this.#seed, this.#scratch);
    if (print.high === 0 && print.low === 0) print.low = 1;
    return print;
  }

  /** Where it is, or where it belongs. */
  #find(high: number, low: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let at = (low * 2) & mask;
    for (; slots[at] !== 0 || slots[at + 1] !== 0; at = (at + 2) & mask)
      if (slots[at] === high && slots[at + 1] === low) break;
    return at;
  }

  #put(high: number, low: number): boolean {
    const at = this.#find(high, low);
    if (this.#slots[at] !== 0 || this.#slots[at + 1] !== 0) return false;
    this.#slots[at] = high;
    this.#slots[at + 1] = low;
    return true;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(old.length * 2);
    for (let i = 0; i < old.length; i += 2) if (old[i] !== 0 || old[i + 1] !== 0) this.#put(old[i]!, old[i + 1]!);
  }

  #forget(): void {
    this.#slots = new Uint32Array(FIRST_SLOTS * 2);
    this.#size = 0;
  }
}
