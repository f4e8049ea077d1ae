import { describe, expect, test } from "vitest";
import { codeFrame } from "../../src/errors/code-frame.ts";
import { colorsFor } from "../../src/errors/colors.ts";

process.env["NO_COLOR"] = "1";
const colors = colorsFor({});
const frame = (source: string, line: number, column: number): string | undefined =>
  codeFrame(source, { line, column }, colors)?.join("\n");

describe("a code frame", () => {
  test("marks the column, with two lines before and one after", () => {
    expect(frame("a\nb\nc\nd\ne\nf", 4, 1)).toBe("  2 | b\n  3 | c\n> 4 | d\n    | ^\n  5 | e");
  });

  test("leaves out blank lines at its edges", () => {
    expect(frame("a\n\n\nfail()\n\n", 4, 1)).toBe("> 4 | fail()\n    | ^");
  });

  test("aligns line numbers of different lengths, and the mark after tabs", () => {
    const source = `${"x\n".repeat(9)}\tfail()\n`;
    expect(frame(source, 10, 2)).toBe("   8 | x\n   9 | x\n> 10 | \tfail()\n     | \t^");
  });

  test("is missing where the text has no such line, or one that nobody reads", () => {
    expect(frame("a", 2, 1)).toBeUndefined();
    expect(frame("a".repeat(1000), 1, 900)).toBeUndefined();
  });
});
