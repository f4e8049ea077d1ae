import { expect, test } from "vitest";
import { count, counted, size, time } from "../../src/report/figures.ts";

test("Times have the unit that suits them.", () => {
  expect([0, 310.4, 999, 1_000, 8_912, 99_900, 100_000, 840_000, 11_520_000].map(time)).toEqual([
    "0 ms",
    "310 ms",
    "999 ms",
    "1.0 s",
    "8.9 s",
    "99.9 s",
    "1.7 min",
    "14 min",
    "3.2 h",
  ]);
});

test("Sizes have the unit that suits them.", () => {
  expect([0, 999, 4_130, 3_200_000].map(size)).toEqual(["0 B", "999 B", "4.1 kB", "3.2 MB"]);
});

test("Numbers have groups of three digits, and nouns their plural.", () => {
  expect([count(1234567.8), counted(1, "job"), counted(2_000, "job"), counted(0, "job")]).toEqual([
    "1,234,568",
    "1 job",
    "2,000 jobs",
    "0 jobs",
  ]);
});
