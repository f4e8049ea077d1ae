import { expect, test } from "vitest";
import { sampleOf } from "../../src/report/compare.ts";

test("A sample is evenly spread.", () => {
  expect(sampleOf([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 5)).toEqual([1, 3, 5, 7, 9]);
});

test("A sample is never larger than what there is.", () => {
  expect([sampleOf(["a", "b"], 5), sampleOf([], 5), sampleOf(["a"], 0)]).toEqual([["a", "b"], [], []]);
});
