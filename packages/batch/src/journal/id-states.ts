import { HashedIds } from "./hashed-ids.ts";
import { NumberedIds } from "./numbered-ids.ts";

/** What is known of an id; the two add up. */
export const RECORDED = 1;
export const SEEN = 2;

/** Up to here a number is exact, and its text is what it was made of. */
const INTEGER = /^(?:0|[1-9]\d{0,14})$/;
/** A text, and a number at its end: "request-17", "page 0017". */
const NUMBERED = /^(.*\D)(0|[1-9]\d{0,14}|0\d{1,14})$/s;
const MOST_PREFIXES = 64;

/**
 * What is known of ten million ids, in little memory: numbers, and texts that end in one, are bits in pages (2 bits an id when
 * they follow each other), all others are 62 bits of a hash.
 *
 * Of two texts with the same hash the second one is taken for the first one: it is reported as being there twice, and not
 * sent. Among ten million ids that happens once in 90,000 batches, among 100,000 once in 900 million.
 */
export class IdStates {
  readonly #numbered: Map<string, NumberedIds> = new Map();
  readonly #hashed: HashedIds = new HashedIds();

  /** The state of an id: 0, RECORDED, SEEN or both. */
  get(id: string | number): number {
    const text = String(id);
    const { prefix, value } = numberedParts(text);
    const state = value === -1 ? 0 : (this.#numbered.get(prefix)?.get(value) ?? 0);
    return state | this.#hashed.get(text);
  }

  /** Adds to the state of an id, and gives what it was before. */
  add(id: string | number, state: number): number {
    const text = String(id);
    const { prefix, value } = numberedParts(text);
    if (value === -1) return this.#hashed.add(text, state);
    let numbers = this.#numbered.get(prefix);
    const hashed = this.#hashed.get(text);
    if (numbers === undefined && hashed === 0 && this.#numbered.size < MOST_PREFIXES)
      this.#numbered.set(prefix, (numbers = new NumberedIds()));
    // An id that came while there was no page for it stays with the others.
    if (hashed !== 0 || numbers === undefined || !numbers.hasRoom(value)) return this.#hashed.add(text, state);
    return numbers.add(value, state);
  }
}

const NOT_NUMBERED = { prefix: "", value: -1 };

function numberedParts(text: string): { prefix: string; value: number } {
  if (INTEGER.test(text)) return { prefix: "", value: Number(text) };
  const match = NUMBERED.exec(text);
  if (match === null) return NOT_NUMBERED;
  const [, prefix, digits] = match as unknown as [string, string, string];
  // "a07" is not "a7": the width belongs to the name where there are zeros before.
  const width = digits.length > 1 && digits.startsWith("0") ? digits.length : 0;
  return { prefix: `${width}:${prefix}`, value: Number(digits) };
}
