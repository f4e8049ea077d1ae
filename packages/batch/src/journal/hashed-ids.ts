import { hash } from "./hash.ts";

const SHARDS = 256;
const FULL = 0.9;
const GROWTH = 1.12;
const SMALLEST = 16;

/**
 * Two bits for each of many texts, by 62 bits of their hash: 8 bytes for a place, and nine of ten places are taken before there are more.
 * There are many small tables, so that growing one takes little at a time.
 */
export class HashedIds {
  readonly #shards: (Shard | undefined)[] = Array.from({ length: SHARDS });

  get(text: string): number {
    const { low, high } = hash(text);
    return this.#shards[low & (SHARDS - 1)]?.get(low, high >>> 2) ?? 0;
  }

  /** Sets bits, and gives those that were set before. */
  add(text: string, bits: number): number {
    const { low, high } = hash(text);
    return (this.#shards[low & (SHARDS - 1)] ??= new Shard()).add(low, high >>> 2, bits);
  }
}

/** Open addressing with linear probing: `#low` has 32 bits of the hash, `#high` the other 30 above the two of the state. */
class Shard {
  #low: Uint32Array = new Uint32Array(SMALLEST);
  /** 0 is a free place: an entry has at least one bit of state. */
  #high: Uint32Array = new Uint32Array(SMALLEST);
  #size = 0;

  get(low: number, high: number): number {
    return this.#high[this.#place(low, high)]! & 3;
  }

  add(low: number, high: number, bits: number): number {
    let place = this.#place(low, high);
    const before = this.#high[place]! & 3;
    if (before === 0 && this.#size >= this.#low.length * FULL) {
      this.#grow();
      place = this.#place(low, high);
    }
    if (before === 0) this.#size++;
    this.#low[place] = low;
    this.#high[place] = (high << 2) | before | bits;
    return before;
  }

  /** Where an entry stands, or the free place where it would. */
  #place(low: number, high: number): number {
    const { length } = this.#low;
    for (let place = Math.floor((low / 2 ** 32) * length); ; place = place + 1 === length ? 0 : place + 1) {
      const entry = this.#high[place]!;
      if (entry === 0 || (this.#low[place] === low && entry >>> 2 === high)) return place;
    }
  }

  #grow(): void {
    const [low, high] = [this.#low, this.#high];
    const length = Math.ceil(low.length * GROWTH);
    this.#low = new Uint32Array(length);
    this.#high = new Uint32Array(length);
    for (const [i, entry] of high.entries()) {
      if (entry === 0) continue;
      const place = this.#place(low[i]!, entry >>> 2);
      this.#low[place] = low[i]!;
      this.#high[place] = entry;
    }
  }
}
