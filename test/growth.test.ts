import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { drawFlame } from "../benchmarks/flame/chart.mjs";
import { ownShares, stacksOf } from "../benchmarks/flame/stacks.mjs";
import { drawGrowth } from "../benchmarks/growth/chart.mjs";
import { WORKLOADS } from "../benchmarks/growth/titles.mjs";

const run = promisify(execFile);
const benchmarks = fileURLToPath(new URL("../benchmarks", import.meta.url));

/** The cells of the rows of a Markdown table, its head first. */
const cells = (text: string) =>
  text
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

async function bench(folder: string, ...args: string[]) {
  const { stdout } = await run(process.execPath, ["bench.mjs", "--only", folder, ...args], { cwd: benchmarks });
  return cells(stdout);
}

describe("the benchmark of growth", () => {
  for (const workload of Object.keys(WORKLOADS)) {
    test.concurrent(`measures ${workload}`, { timeout: 120_000 }, async () => {
      const program = ["--import", "@tsyncio/keywords/register", "growth/measure.ts", workload, "50", "1"];
      const { stdout } = await run(process.execPath, program, { cwd: benchmarks });
      expect(JSON.parse(stdout)).toEqual({ cpu: expect.any(Number), own: expect.any(Number) });
    });
  }

  test(
    "prints two rows for each workload: as it is, and without collecting garbage",
    { timeout: 120_000 },
    async () => {
      const small = ["--rounds", "1", "--largest", "1000", "--operations", "1"];
      const [head, ...rows] = await bench("growth", "--only", "^tasks$", ...small);
      expect(head).toEqual(["at once", "1,000", "growth"]);
      expect(rows.map(([title]) => title)).toEqual([WORKLOADS.tasks, ""]);
      for (const [, ...figures] of rows) {
        expect(figures).toHaveLength(2);
        for (const figure of figures) expect(figure).toMatch(/^-?\d+(\.\d+)?$/);
      }
    },
  );

  test("draws a panel with both lines for each workload", () => {
    const sizes = [1_000, 10_000];
    const lines = ["tasks", "timers", "items", "scopes"].flatMap((title) => [
      { title, heap: "usual", sizes, figures: [100, 150] },
      { title, heap: "roomy", sizes, figures: [80, 82] },
    ]);
    const svg = drawGrowth(lines);
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    for (const title of ["tasks", "timers", "items", "scopes"]) expect(svg).toContain(`>${title}: 100 ns</text>`);
    for (const heap of ["usual", "roomy"]) expect(svg.split(`stroke="var(--${heap})"`)).toHaveLength(5);
  });
});

describe("the benchmark of latency", () => {
  test("prints how long answers and timers take beside each crowd", { timeout: 120_000 }, async () => {
    const [head, ...rows] = await bench("latency", "--seconds", "0.5", "--tasks", "20", "--python", "no-such-python");
    expect(head.slice(2)).toEqual(["echo p50", "echo p99", "echo max", "timer p50", "timer p99", "timer max"]);
    expect(rows.map(([crowd, program]) => [crowd, program])).toEqual([
      ["nobody", "tsyncio"],
      ["20 tasks give way", "tsyncio"],
      ["20 tasks work 5 µs, then give way", "tsyncio"],
      ["20 tasks work 50 µs, then give way", "tsyncio"],
    ]);
    for (const [, , ...figures] of rows) for (const figure of figures) expect(figure).toMatch(/^-?\d+\.\d$/);
  });
});

describe("the benchmark of observers", () => {
  test("prints what observers cost by workload, and that they heard of the steps", { timeout: 120_000 }, async () => {
    const rows = await bench("observers", "--only", "^giveWays$", "--rounds", "1", "--scale", "0.01");
    expect(rows[0]).toEqual(["workload", "nobody looks on, ns", "at the life of tasks", "at every step too"]);
    expect(rows.slice(1).map(([workload]) => workload)).toEqual(["giveWays"]);
    for (const [, ...figures] of rows.slice(1)) for (const figure of figures) expect(figure).toMatch(/^\d+(\.\d+)?$/);
  });
});

describe("the benchmark of choices", () => {
  test("prints both sides of each choice, and checks what they give", { timeout: 240_000 }, async () => {
    const [head, ...rows] = await bench("choices", "--rounds", "1", "--scale", "0.01");
    expect(head.slice(1)).toEqual(["ours", "the other way", "ratio"]);
    expect(rows).toHaveLength(11);
    for (const [, ...figures] of rows) for (const figure of figures) expect(figure).toMatch(/^\d+(\.\d)?$/);
  });
});

describe("the flame graph", () => {
  const frame = (functionName: string, url = "") => ({ functionName, url });
  const profile = {
    startTime: 1_000,
    nodes: [
      { id: 1, callFrame: frame("(root)"), children: [2, 5] },
      { id: 2, callFrame: frame("turn", "file:///x/packages/core/dist/loop/turns.js"), children: [3, 4] },
      { id: 3, callFrame: frame("run", "file:///x/packages/core/dist/task/driver.js") },
      { id: 4, callFrame: frame("job$", "file:///x/benchmarks/scheduling/tsyncio.ts") },
      { id: 5, callFrame: frame("(idle)") },
    ],
    samples: [4, 4, 2, 3, 3, 4, 5],
    timeDeltas: [100, 100, 100, 100, 100, 100, 100],
  };

  test("counts what a function takes itself, from a time on, without what waits", () => {
    const shares = ownShares(stacksOf(profile, 1_300));
    expect(shares.slice(0, 3)).toEqual([
      ["run · task/driver", 0.5],
      ["turn · loop/turns", 0.25],
      ["job$", 0.25],
    ]);
  });

  test("draws a box for each function, in the colour of the place that it stands in", () => {
    const svg = drawFlame(stacksOf(profile, 1_300));
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    for (const label of ["turn · loop/turns 100 %", "run · task/driver 50 %", "job$ 25 %"])
      expect(svg).toContain(`>${label}</text>`);
    expect([...svg.matchAll(/<rect [^>]*fill="var\(--(\w+)\)"/g)].map(([, place]) => place)).toEqual([
      "loop",
      "task",
      "workload",
    ]);
  });

  test("is made of a workload that ran", { timeout: 120_000 }, async () => {
    const { stdout } = await run(process.execPath, ["flame/bench.mjs", "giveWays", "--scale", "small"], {
      cwd: benchmarks,
    });
    const [head, ...rows] = cells(stdout);
    expect(head).toEqual(["function", "share"]);
    expect(rows.length).toBeGreaterThan(0);
    for (const [, share] of rows) expect(share).toMatch(/^\d+\.\d %$/);
  });
});
