import { expect, test } from "vitest";
import { describe } from "../../src/statistics/describe.ts";

const values = Float64Array.from({ length: 1_000 }, (_, i) => (i * 7919) % 1_000);

test("A column is described by its mean, its median and what most stay below.", () => {
  const { count, mean, median, most } = describe(values, 10, 1);
  expect([count, mean, median, most]).toEqual([1_000, 499.5, 500, 950]);
});

test("The mean lies in its interval, which is as wide as theory has it, and the same for the same seed.", () => {
  const { low, high, mean } = describe(values, 2_000, 1);
  expect(low).toBeLessThan(mean);
  expect(high).toBeGreaterThan(mean);
  // 2 × 1.96 standard errors of the mean, each 288.7 / √1000.
  expect(high - low).toBeGreaterThan(30);
  expect(high - low).toBeLessThan(42);
  expect(describe(values, 2_000, 1)).toEqual(describe(values, 2_000, 1));
  expect(describe(values, 2_000, 2).low).not.toBe(low);
});

test("A single number is its own interval.", () => {
  expect(describe(Float64Array.of(5), 100, 1)).toEqual({ count: 1, mean: 5, low: 5, high: 5, median: 5, most: 5 });
});
