import { check } from "../check.mjs";

/** Checks the `n`th Fibonacci number; gives how many calls it takes. */
export function checkFibonacci(result, n) {
  let [number, next] = [0, 1];
  for (let i = 0; i < n; i++) [number, next] = [next, number + next];
  check(result, number);
  return 2 * next - 1;
}

/** Checks the results of `n` jobs, which are 0, 1, 2 and so on; gives how many they are. */
export function checkResults(results, n) {
  check(results.length, n);
  check(results[0], 0);
  check(results[n - 1], n - 1);
  return n;
}

/** Milliseconds to sleep for each of `jobs`, so that none wakes before all sleep and their heap is counted, on a busy machine too. */
export const longer = (jobs) => 1_000 + jobs / 2;
