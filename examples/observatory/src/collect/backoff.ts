const FIRST = 150;
const LONGEST = 5_000;

/**
 * Milliseconds to wait before the nth retry (from 1): at random up to a limit that doubles, so that those who failed
 * together do not come back together.
 *
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoff(retry: number, random: () => number = Math.random): number {
  return random() * Math.min(LONGEST, FIRST * 2 ** retry);
}
