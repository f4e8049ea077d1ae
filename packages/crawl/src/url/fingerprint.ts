/** A fingerprint of 64 bits, in two halves. */
export interface Fingerprint {
  high: number;
  low: number;
}

/**
 * The fingerprint of a text, by two multiplicative hashes that are mixed in the end (Austin Appleby's finaliser of
 * MurmurHash3). With a seed that nobody outside knows, nobody can make two addresses meet.
 */
export function fingerprint(text: string, seed: number, into: Fingerprint): Fingerprint {
  let high = 0xdeadbeef ^ seed;
  let low = 0x41c6ce57 ^ seed;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    high = Math.imul(high ^ unit, 2654435761);
    low = Math.imul(low ^ unit, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  into.high = high >>> 0;
  into.low = low >>> 0;
  return into;
}
