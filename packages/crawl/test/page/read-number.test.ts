import { expect, test } from "vitest";
import { readNumber } from "../../src/page/read-number.ts";

test.each([
  ["1,299.00 USD", 1299],
  ["1.299,50 €", 1299.5],
  ["1 299,5", 1299.5],
  ["1'000'000", 1_000_000],
  ["1.000.000", 1_000_000],
  ["from $12", 12],
  ["1,5", 1.5],
  ["1,500", 1500],
  ["0,500", 0.5],
  ["3.25159", 3.25159],
  ["\u22127 °C", -7],
  ["-.5", -0.5],
  ["2e3", 2000],
  ["12. December", 12],
])("%s is the number %d", (text, number) => expect(readNumber(text)).toBe(number));

test("no number is null", () => expect(["", "none", "-", "."].map(readNumber)).toEqual([null, null, null, null]));
