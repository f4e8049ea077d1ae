/**
 * What was counted of a workload.
 *
 * @typedef {object} Counts
 * @property {number} operations
 * @property {number} [allocated] bytes for each operation
 * @property {number} [held] bytes of the heap that each operation holds
 * @property {number} iterations of the loop, in one run
 * @property {number} turns of the host, in one run
 * @property {number} promises made in one run
 * @property {Record<string, number>} [deoptimisations] see v8-log.mjs
 * @property {Record<string, number>} [megamorphic] see v8-log.mjs
 */

/** The program alone decides these, whatever the version of V8. */
export const ANYWHERE = ["operations", "iterations", "turns"];

/**
 * V8 puts some objects of its own beside those that are counted: less than a byte for each operation, but half a percent where
 * operations are few. A field that is added to an object takes 8 bytes.
 */
const slack = (bytes) => Math.max(1, bytes * 0.005);
const none = () => 0;
const NUMBERS = { allocated: slack, held: slack, iterations: none, turns: none };
const RECORDS = ["deoptimisations", "megamorphic"];

/**
 * Everything that a workload does more of than is written; empty when it keeps to that.
 *
 * @param {Partial<Counts> | undefined} written
 * @param {Counts} counted
 * @returns {string[]}
 */
export function rises(written, counted) {
  const found = counted.promises === 0 ? [] : [`${counted.promises} promises, not 0`];
  if (written === undefined) return [...found, "nothing is written of it"];
  if (counted.operations !== written.operations)
    return [
      ...found,
      `${counted.operations} operations, not ${written.operations}: it is not the workload of which is written`,
    ];
  for (const [key, allowed] of Object.entries(NUMBERS)) {
    if (key in written && !(counted[key] <= written[key] + allowed(written[key])))
      found.push(`${key}: ${counted[key]}, not ${written[key]}`);
  }
  for (const key of RECORDS) {
    if (!(key in written)) continue;
    for (const [where, times] of Object.entries(counted[key])) {
      const before = written[key][where] ?? 0;
      if (times > before) found.push(`${key}: ${times}, not ${before}, in ${where}`);
    }
  }
  return found;
}

/** Whether a workload does less of something than is written. */
export function falls(written, counted) {
  return (
    Object.entries(NUMBERS).some(([key, allowed]) => counted[key] < written[key] - allowed(written[key])) ||
    RECORDS.some((key) =>
      Object.entries(written[key] ?? {}).some(([where, times]) => (counted[key][where] ?? 0) < times),
    )
  );
}

/** As it is written: the number of promises is 0, which needs no writing. */
export function toWrite({ promises: _, ...counts }) {
  const rounded = (key) => (key in counts ? { [key]: Math.round(counts[key] * 100) / 100 } : {});
  return { ...counts, ...rounded("allocated"), ...rounded("held") };
}
