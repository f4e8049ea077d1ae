import { describe, expect, test } from "vitest";
import { startProgram } from "../../../test/started-program.ts";

/** One of the soaks, shortly. */
function soak(name: string, ...args: string[]) {
  return startProgram(new URL(`../soak/${name}.ts`, import.meta.url), args).ended;
}

const options = { concurrent: true, timeout: 120_000 };

describe.skipIf(process.platform !== "linux")("killed at random moments,", options, () => {
  test.each([
    ["a file in any order", "--order", "any"],
    ["a file in the order of the input", "--order", "input"],
    ["a database", "--output", "db"],
  ])("%s has every id once, and none is sent after it was recorded", async (_, ...kind) => {
    const { code, stdout, stderr } = await soak("kill", "--kills", "4", "--items", "80", ...kind);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("every id is recorded exactly once, and none was sent after it was recorded");
  });
});

describe.skipIf(process.platform !== "linux")("memory", options, () => {
  test.each(["line", "text"])("is bounded, with ids by %s", async (ids) => {
    const { code, stdout, stderr } = await soak("memory", "--items", "40000", "--ids", ids, "--limit", "240");
    expect([code, stderr, stdout.match(/^first run: 40000 sent|^second run: 0 sent, 40000 skipped/gm)]).toEqual([
      0,
      "",
      ["first run: 40000 sent", "second run: 0 sent, 40000 skipped"],
    ]);
  });
});
