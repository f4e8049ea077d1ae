import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const program = fileURLToPath(new URL("../benchmarks/crawl/bench.mjs", import.meta.url));
const start = (...args: string[]) => promisify(execFile)(process.execPath, [program, ...args]);

describe("the benchmark of crawling", () => {
  test(
    "gives figures for every crawler that is there, each of which has had all pages",
    { timeout: 120_000 },
    async () => {
      const { stdout } = await start("--pages", "120");

      const rows = stdout.split("\n").filter((text) => text.startsWith("| ") && !text.startsWith("| |"));
      expect(rows.slice(0, 2).map((text) => text.split(" | ")[0])).toEqual([
        "| @tsyncio/crawl, in memory",
        "| @tsyncio/crawl, on disk",
      ]);
      for (const text of rows) expect(text).toMatch(/ \| \d+ \| \d+\.\d\d \| \d+ \|$/);
    },
  );

  test("refuses a crawler that there is not", async () => {
    await expect(start("--only", "no such one")).rejects.toThrow('Cannot measure "no such one"');
  });
});
