import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { Tally } from "../../src/collect/tally.ts";
import { comparisonOf, tableOf, troublesOf, verdictsTable } from "../../src/report/summary.ts";

test("What was survived is listed, the most frequent first.", () => {
  const tally = new Tally();
  tally.addTrouble("timeout");
  for (let times = 0; times < 1_200; times += 1) tally.addTrouble("429 Too Many Requests");
  expect(troublesOf(tally)).toBe("Errors survived: 1,200 × 429 Too Many Requests, 1 × timeout");
});

test("What was given up is a line of its own.", () => {
  const tally = new Tally();
  tally.failed = 2;
  expect(stripVTControlCharacters(troublesOf(tally))).toBe("Errors retried: none\nGiven up: 2 jobs");
});

test("A source that differs says by how much.", () => {
  const text = stripVTControlCharacters(
    verdictsTable([
      { source: "a", announced: 10, stored: 10, same: true },
      { source: "b", announced: 10, stored: 7, same: false },
      { source: "c", announced: 10, stored: 10, same: false },
    ]),
  );
  expect(text).toMatch(/a .* 10 .* 10 .* same/);
  expect(text).toMatch(/b .* 7 .* 10 .* 3 missing/);
  expect(text).toMatch(/c .* 10 .* 10 .* other records/);
  expect(text).toMatch(/all .* 27 .* 30/);
});

test("What is extrapolated is called so, with its error.", () => {
  const tally = { jobs: 1_000, retries: 12, elapsed: 5_000 };
  const text = comparisonOf({ jobs: 10, sequential: 3_000, atOnce: 400, mean: 300, error: 20 }, tally);
  const lines = stripVTControlCharacters(text).split("\n");
  expect(lines[3]).toMatch(/the sample │ +10 │ +│ +3.0 s │ +400 ms │ +8 × │/);
  expect(lines[4]).toMatch(/all jobs +│ +1,000 │ +12 │ +5.0 min \* │ +5.0 s │ +60 × │/);
  expect(lines.at(-1)).toBe(
    "* extrapolated, not measured: 300 ms (± 20 ms) for each of 1,000 jobs, so ± 20.0 s in all",
  );
});

test("Numbers are aligned to the right.", () => {
  const lines = stripVTControlCharacters(
    tableOf(
      ["a", "b"],
      [
        ["x", "1"],
        ["y", "100"],
      ],
      [1],
    ),
  ).split("\n");
  expect(lines[3]).toBe("│ x │   1 │");
});
