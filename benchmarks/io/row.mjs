// What a part of the table is made of: a row compares peers with a base, in microseconds or another unit; it gives all figures.

export const middle = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

/**
 * A row.
 *
 * @param {string} name
 * @param {object} about
 * @param {string} about.base the peer that the others are compared with
 * @param {string} about.ours
 * @param {number} about.target the ratio that is ours to reach
 * @param {Map<string, number[]>} figures of every peer, taken in turn: the ratio is the median of those of neighbours
 */
export function row(name, { base, ours, target, unit = "µs" }, figures) {
  const compared = figures.get(base);
  const ratio = (peer) => middle(figures.get(peer).map((figure, turn) => figure / compared[turn]));
  const others = [...figures.keys()].filter((peer) => peer !== base && peer !== ours);
  return {
    name,
    base: `${base} ${middle(compared).toFixed(1)} ${unit}`,
    ours: ratio(ours),
    target,
    others: others.map((peer) => [peer, ratio(peer)]),
  };
}

/** A line of the table. What is shown is what is judged. */
export function line({ name, base, ours, target, others }) {
  const shown = ours.toFixed(2);
  const verdict = Number(shown) <= target ? "✓" : "✗";
  const peers = others.map(([peer, ratio]) => `${peer} ${ratio < 10 ? ratio.toFixed(2) : ratio.toFixed(0)}`);
  return `| ${[name, base, `${shown} ${verdict}`, target, peers.join(", ")].join(" | ")} |`;
}
