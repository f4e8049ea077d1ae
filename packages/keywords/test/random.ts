/** The same numbers for the same seed. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed * 2654435761 + 12345) >>> 0;
  }

  next(): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return this.#state / 2 ** 32;
  }

  upTo(n: number): number {
    return Math.floor(this.next() * n);
  }

  one<T>(...choices: readonly T[]): T {
    return choices[this.upTo(choices.length)]!;
  }
}
