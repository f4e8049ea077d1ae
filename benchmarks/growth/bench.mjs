// What one operation costs when there are many: node bench.mjs [--only <pattern>] [--rounds <n>] [--largest <size>] [--draw]
// Every figure is of a fresh process; the sizes take turns, and of the rounds the median counts.
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { parseArgs, promisify } from "node:util";
import { threadCpuSource } from "../thread-cpu.mjs";
import { drawGrowth } from "./chart.mjs";
import { WORKLOADS } from "./titles.mjs";

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    rounds: { type: "string", default: "3" },
    largest: { type: "string", default: "1000000" },
    operations: { type: "string", default: "200000" },
    draw: { type: "boolean", default: false },
  },
});
const only = new RegExp(values.only);
const rounds = Number(values.rounds);
const LADDER = [1_000, 10_000, 100_000, 1_000_000];
const sizes = LADDER.filter((size) => size <= Number(values.largest));

// The heap as it is, and a nursery so large that nothing is ever collected.
const HEAPS = {
  usual: [],
  roomy: ["--min-semi-space-size=2048", "--max-semi-space-size=2048"],
};

const start = promisify(execFile);
const measure = new URL("measure.ts", import.meta.url).pathname;
const middle = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

async function cost(workload, size, heap) {
  const flags = [...HEAPS[heap], "--import", "@tsyncio/keywords/register"];
  const { stdout } = await start(process.execPath, [...flags, measure, workload, String(size), values.operations], {
    cwd: new URL("..", import.meta.url),
  });
  const { cpu, own } = JSON.parse(stdout);
  return heap === "usual" ? cpu : own;
}

/** The median costs by size. */
async function costs(workload, heap) {
  const figures = sizes.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < sizes.length; i++) figures[i].push(await cost(workload, sizes[i], heap));
  }
  return figures.map(middle);
}

console.log(`Node ${process.version}, ns of CPU per operation by ${threadCpuSource}, median of ${rounds} rounds.`);
console.log("Below it the same without collecting garbage and without the system's share.\n");
console.log(`| at once | ${sizes.map((size) => size.toLocaleString("en")).join(" | ")} | growth |`);
console.log(`|---|${sizes.map(() => "---:|").join("")}---:|`);
const lines = [];
for (const [workload, title] of Object.entries(WORKLOADS)) {
  if (!only.test(workload)) continue;
  for (const heap of Object.keys(HEAPS)) {
    const figures = await costs(workload, heap);
    const growth = figures.at(-1) / figures[0];
    console.log(
      `| ${heap === "usual" ? title : ""} | ${figures.map((ns) => ns.toFixed(0)).join(" | ")} | ${growth.toFixed(2)} |`,
    );
    lines.push({ title, heap, sizes, figures });
  }
}
if (values.draw) {
  const file = new URL("../../docs/design/growth.svg", import.meta.url);
  await writeFile(file, drawGrowth(lines));
  console.log(`\nDrawn into ${file.pathname}`);
}
