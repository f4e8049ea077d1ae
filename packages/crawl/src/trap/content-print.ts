import { type Fingerprint, fingerprint } from "../url/fingerprint.ts";

const TAGS = /<(script|style)\b[^]*?<\/\1\s*>|<!--[^]*?-->|<[^>]*>/gi;
const DIGITS = /\d+/g;
const BITS = 32;

/** What a reader sees of a page, near enough to compare pages by it: without markup, scripts and styles. */
export function visibleText(html: string): string {
  return html.replace(TAGS, " ").replace(/\s+/g, " ").trim();
}

/** 64 bits of a text: two pages are alike when few of them differ. */
export interface SimHash {
  readonly high: number;
  readonly low: number;
}

/**
 * The SimHash of a text over its words (Charikar 2002; Manku, Jain and Das Sarma 2007 found 3 of 64 bits a good bound for web
 * pages). Numbers count as one word, whatever they are: dates and counters make no difference.
 */
export function simHash(text: string): SimHash {
  const ones = new Uint32Array(BITS * 2);
  const print: Fingerprint = { high: 0, low: 0 };
  const words = text.replace(DIGITS, "#").split(" ");
  for (const word of words) {
    fingerprint(word, 0, print);
    let { high, low } = print;
    for (let bit = 0; bit < BITS; bit++) {
      ones[bit]! += high & 1;
      ones[bit + BITS]! += low & 1;
      high >>>= 1;
      low >>>= 1;
    }
  }
  const half = words.length / 2;
  let high = 0;
  let low = 0;
  for (let bit = 0; bit < BITS; bit++) {
    if (ones[bit]! > half) high |= 1 << bit;
    if (ones[bit + BITS]! > half) low |= 1 << bit;
  }
  return { high, low };
}

/** How many of the 64 bits differ. */
export function distance(a: SimHash, b: SimHash): number {
  return bitsOf(a.high ^ b.high) + bitsOf(a.low ^ b.low);
}

function bitsOf(bits: number): number {
  let x = bits - ((bits >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
