import { type Duration, newEventLoop } from "tsyncio";
import { describe, expect, expectTypeOf, test } from "vitest";
import { ManualHost } from "./loop/manual-host.ts";

/** What a duration comes to. */
function milliseconds(duration: Duration): number {
  return newEventLoop({ host: new ManualHost() })
    .callLater(duration, () => {})
    .when();
}

describe("a duration", () => {
  test.each([
    [250, 250],
    [0, 0],
    [-1, -1],
    [0.25, 0.25],
    [Infinity, Infinity],
    ["250ms", 250],
    ["1.5s", 1500],
    ["2m", 120_000],
    ["1h", 3_600_000],
    [".5s", 500],
    ["0s", 0],
    ["-2s", -2000],
    ["1e3ms", 1000],
    ["1E3ms", 1000],
  ] as [Duration, number][])("%s is %d ms", (duration, expected) => {
    expect(milliseconds(duration)).toBe(expected);
  });

  test.each(["", "5", "ms", "1H", "5 s", "5d", "1s2ms", "NaNms", "1..5s", null, undefined, {}, [5], true, 5n])(
    "%o is none",
    (value: any) => {
      expect(() => milliseconds(value)).toThrow(TypeError);
    },
  );

  test("the message says what was received and what is expected", () => {
    expect(() => milliseconds("5 s" as any)).toThrow(
      'Cannot read duration "5 s": expected milliseconds or a string such as "250ms", "1.5s", "2m", "1h"',
    );
    expect(() => milliseconds(Number.NaN)).toThrow(
      'Cannot wait: the delay is NaN; pass milliseconds or a string such as "1.5s"',
    );
    expect(() => milliseconds(Number.NaN)).toThrow(RangeError);
  });

  test("a string without a unit is an error of types", () => {
    expectTypeOf<"5ms">().toExtend<Duration>();
    expectTypeOf<"5">().not.toExtend<Duration>();
    expectTypeOf<"soon">().not.toExtend<Duration>();
  });
});
