import { describe, expect, test } from "vitest";
import { startProgram } from "../../../test/started-program.ts";

/** A soak of some seconds. */
function soak(...args: string[]) {
  const main = new URL("../soak/main.ts", import.meta.url);
  return startProgram(main, ["--minutes", "0.06", "--margin", "8", ...args]).ended;
}

const options = { concurrent: true, timeout: 60_000 };

describe.skipIf(process.platform !== "linux")("a soak", options, () => {
  test("ends well when nothing leaks", async () => {
    const { code, stdout, stderr } = await soak();
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/operations [1-9]\d+, cancelled [1-9]\d*, subprocesses [1-9]\d*\n/);
    expect(stdout).toMatch(/nothing leaked\n$/);
  });

  test.each([
    ["descriptor", /LEAK {2}descriptors: (\d+) at the beginning, (?!\1 )\d+ at the end/],
    ["timer", /LEAK {2}active resources: \d+ Timeout at the beginning, [1-9]\d* at the end/],
    ["heap", /LEAK {2}heap, everything closed: [\d.]+ MiB at the beginning, [\d.]+ MiB at the end/],
  ])("finds a leak of its %s, and fails", async (plant, leak) => {
    const { code, stderr } = await soak("--only", "streams", "--plant", plant);
    expect(stderr).toMatch(leak);
    expect(code).toBe(1);
  });
});
