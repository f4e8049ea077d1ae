import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { line, row } from "../benchmarks/io/row.mjs";

const program = fileURLToPath(new URL("../benchmarks/io/bench.mjs", import.meta.url));
const start = (...args: string[]) => promisify(execFile)(process.execPath, [program, ...args]);

describe("the benchmarks of input and output", () => {
  test("give a figure for every row, and of every peer that is there", { timeout: 240_000 }, async () => {
    const { stdout } = await start("--small", "--rounds", "1");

    const rows = stdout.split("\n").filter((text) => text.startsWith("| ") && !text.startsWith("| |"));
    expect(rows.map((text) => text.split(" | ")[0])).toEqual([
      "| TCP echo, streams",
      "| TCP echo, protocols",
      "| HTTP GET, CPU",
      "| HTTP GET, time",
      "| thread, a job that does nothing",
      "| process, a job that does nothing",
      "| subprocess `true`, no pipes",
      "| subprocess `true`, output read",
      "| start-up, core",
      "| start-up, node",
      "| size, everything",
      "| size, `run, sleep, createTask, gather`",
    ]);
    for (const text of rows) {
      expect(text).toMatch(/ \| \d+\.\d\d [✓✗] \| \d/);
      expect(text).not.toMatch(/NaN|undefined/);
    }
    expect(rows[0]).toContain("node for await");
    expect(stdout).toMatch(/tsyncio meets \d+ of 12 targets\.$/m);
  });

  test("refuse a row that there is not", async () => {
    await expect(start("--only", "no such row")).rejects.toThrow('Cannot measure "no such row"');
  });
});

describe("a row of input and output", () => {
  const about = { base: "bare", ours: "tsyncio", target: 1.15 };
  const figures = (...ours: number[]) =>
    new Map([
      ["bare", [10, 20, 100]],
      ["tsyncio", ours],
      ["other", [30, 30, 30]],
    ]);

  test("compares neighbours, not medians", () => {
    const { base, ours, others } = row("echo", about, figures(11, 40, 110));

    expect({ base, ours, others }).toEqual({ base: "bare 20.0 µs", ours: 1.1, others: [["other", 1.5]] });
  });

  test("is judged as it is shown", () => {
    expect(line(row("echo", about, figures(11.54, 23.08, 115.4)))).toBe(
      "| echo | bare 20.0 µs | 1.15 ✓ | 1.15 | other 1.50 |",
    );
    expect(line(row("echo", about, figures(11.56, 23.12, 115.6)))).toContain("| 1.16 ✗ |");
  });
});
