import { expect, test } from "vitest";
import { PerMinute } from "../../src/run/per-minute.ts";

test("tells what was added in the last minute, and how long that is", () => {
  const counter = new PerMinute(5_000);
  counter.add(3, 5_000);
  counter.add(4, 6_500);
  expect([counter.amount(7_000), counter.span(7_000)]).toEqual([7, 2_000]);
  expect([counter.amount(64_999), counter.span(64_999)]).toEqual([7, 59_999]);
  // The first second has left.
  expect([counter.amount(65_000), counter.span(65_000)]).toEqual([4, 59_000]);
  expect(counter.amount(66_000)).toBe(0);
});

test("forgets everything in a long silence", () => {
  const counter = new PerMinute(0);
  for (let second = 0; second < 60; second++) counter.add(1, second * 1_000);
  expect(counter.amount(59_000)).toBe(60);
  counter.add(5, 600_000);
  expect(counter.amount(600_000)).toBe(5);
});
