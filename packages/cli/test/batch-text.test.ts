import { describe, expect, test } from "vitest";
import { Notices } from "../src/batch/notices.ts";
import { count, doneOf, pace, reportText, span, usedOf } from "../src/batch/progress-text.ts";

const report = {
  complete: true,
  stopped: null,
  succeeded: 1,
  failed: 0,
  skipped: 0,
  failures: 0,
  faultCount: 0,
  faults: [],
  attempts: 1,
  limited: 0,
  usage: {},
  elapsed: 61_000,
};

test.each([
  [0, "0s"],
  [499, "0s"],
  [59_499, "59s"],
  [59_500, "1m 00s"],
  [174_000, "2m 54s"],
  [3_600_000, "1h 00m"],
  [172_800_000, "2d 0h"],
])("%i ms are shown as %s", (ms, text) => expect(span(ms)).toBe(text));

test("figures are short", () => {
  expect([count(1_234_567), pace(33.21), pace(0.2), pace(1234)]).toEqual(["1,234,567", "33.2/s", "12/min", "1,230/s"]);
  expect(usedOf({ name: "tokens", used: 812.4, permitted: 90_000 })).toBe("812 of 90,000 tokens per minute");
  expect(usedOf({ name: "requests", used: 5, permitted: null })).toBe("5 requests per minute");
  const progress = { done: 5, total: 1_000, totalIsExact: false } as never as Parameters<typeof doneOf>[0];
  expect([doneOf(progress), doneOf({ ...progress, totalIsExact: true }), doneOf({ ...progress, total: null })]).toEqual(
    ["5 of about 1,000", "5 of 1,000", "5"],
  );
});

describe("the report", () => {
  test("has what there is to say, and no more", () => {
    expect(reportText(report, "out.jsonl")).toEqual(["1 result in 1m 01s"]);
    const more = {
      ...report,
      succeeded: 2_000,
      failed: 3,
      failures: 4,
      skipped: 5,
      faultCount: 1,
      attempts: 2_010,
      limited: 6,
      usage: { tokens: 9_000 },
    };
    expect(reportText(more, "out.jsonl")).toEqual([
      "2,000 results in 1m 01s, 3 failed, 5 already there, 1 line with faults, 7 sent again (6 for limits), 9,000 tokens",
      'Failed: 4, see "ok":false in out.jsonl; --retry-failed sends them again',
    ]);
    expect(reportText({ ...report, stopped: "no credit" }, "out.jsonl").slice(1)).toEqual([
      "Stopped: no credit",
      "The same command sends what has no result",
    ]);
  });
});

test("what went wrong is told ten times", () => {
  const notices = new Notices();
  const told = Array.from({ length: 12 }, (_, i) =>
    notices.of({ type: "fault", line: i + 1, message: `fault ${i + 1}` }),
  );
  expect(told.slice(8)).toEqual(["fault 9", "fault 10\n(more of these are counted, not shown)", null, null]);
  expect(notices.of({ type: "stopping", reason: "x" })).toBeNull();
});
