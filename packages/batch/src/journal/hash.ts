/** 64 bits of hash: two halves that are mixed from the same text with different multipliers, each finished as in MurmurHash3. */
export function hash(text: string): { readonly low: number; readonly high: number } {
  let low = 0x9e37_79b9 ^ text.length;
  let high = 0x85eb_ca6b + text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    low = Math.imul(low ^ unit, 0xcc9e_2d51);
    low = (low << 15) | (low >>> 17);
    high = Math.imul(high ^ unit, 0x1b87_3593);
    high = ((high << 13) | (high >>> 19)) + 0xe654_6b64;
  }
  const a = finished(low ^ Math.imul(high, 0x2127_599b));
  return { low: a, high: finished(high ^ Math.imul(a, 0x5bd1_e995)) };
}

function finished(bits: number): number {
  bits = Math.imul(bits ^ (bits >>> 16), 0x85eb_ca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
