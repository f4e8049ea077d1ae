/** A generator of numbers from 0 to 1 that are the same for the same seed (Mulberry32). */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

const SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe qui ro su ta ve wi xo zu bra cle dri flo gru".split(" ");
const draw = random(7);
const WORDS = Array.from({ length: 600 }, () =>
  Array.from({ length: 2 + Math.floor(draw() * 3) }, () => SYLLABLES[Math.floor(draw() * SYLLABLES.length)]).join(""),
);

/** Words that mean nothing, in sentences. */
export function prose(next, count) {
  const words = Array.from({ length: count }, () => WORDS[Math.floor(next() * WORDS.length)]);
  return `${words.join(" ")}.`;
}
