import { expect, test } from "vitest";
import { backoff } from "../../src/collect/backoff.ts";

test("The limit doubles with every retry, up to 5 s.", () => {
  expect([1, 2, 3, 6, 20].map((retry) => backoff(retry, () => 1))).toEqual([300, 600, 1_200, 5_000, 5_000]);
});

test("Below the limit, the wait is at random.", () => {
  expect([0, 0.25, 0.5].map((random) => backoff(1, () => random))).toEqual([0, 75, 150]);
});
