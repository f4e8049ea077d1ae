/** What is known about a column of numbers. */
export interface Description {
  readonly count: number;
  readonly mean: number;
  /** Between these the mean of all such numbers lies with 95 % confidence. */
  readonly low: number;
  readonly high: number;
  readonly median: number;
  /** 95 % of the numbers are at most this. */
  readonly most: number;
}

/**
 * Describes a column. The interval of the mean is bootstrapped: the column is drawn again from itself `resamples` times,
 * which is what takes its time. The same seed draws the same.
 */
export function describe(values: Float64Array, resamples: number, seed: number): Description {
  const random = generator(seed);
  const { length } = values;
  const means = new Float64Array(resamples);
  for (let i = 0; i < resamples; i++) {
    let sum = 0;
    for (let j = 0; j < length; j++) sum += values[Math.floor(random() * length)];
    means[i] = sum / length;
  }
  means.sort();
  const sorted = values.toSorted();
  return {
    count: length,
    mean: values.reduce((sum, value) => sum + value, 0) / length,
    low: quantile(means, 0.025),
    high: quantile(means, 0.975),
    median: quantile(sorted, 0.5),
    most: quantile(sorted, 0.95),
  };
}

function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

/** Mulberry32: numbers from 0 to 1 that look random. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 4_294_967_296;
  };
}
