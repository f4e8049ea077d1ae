const BYTES_PER_TOKEN = 4;

/** About as many tokens as a text has: four bytes of UTF-8 each, which is near for English and for CJK. */
export function estimateTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);
}

/** The mean of what came of late, to estimate what comes. */
export class RunningMean {
  #value: number;
  #count = 0;

  constructor(first: number) {
    this.#value = first;
  }

  get value(): number {
    return this.#value;
  }

  add(value: number): void {
    this.#count = Math.min(this.#count + 1, 100);
    this.#value += (value - this.#value) / this.#count;
  }
}
