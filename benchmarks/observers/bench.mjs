// What observers of tasks cost, by the workloads of scheduling: node bench.mjs [--only <pattern>] [--rounds <n>]
// Fresh processes take turns; a ratio is that of neighbours, of the rounds the median counts.
import { execFile } from "node:child_process";
import { parseArgs, promisify } from "node:util";
import { workloads } from "../scheduling/workloads.mjs";
import { threadCpuSource } from "../thread-cpu.mjs";

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    rounds: { type: "string", default: "5" },
    scale: { type: "string", default: "1" },
  },
});
const only = new RegExp(values.only);
const rounds = Number(values.rounds);

const start = promisify(execFile);
const measure = new URL("measure.mjs", import.meta.url).pathname;
const middle = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

async function cost(workload, watched) {
  const { stdout } = await start(
    process.execPath,
    ["--import", "@tsyncio/keywords/register", measure, workload, watched, values.scale],
    { cwd: new URL("..", import.meta.url) },
  );
  const { cost, started, ended } = JSON.parse(stdout);
  if (started > 0 !== (watched === "steps") || ended > started)
    throw new Error(`Cannot measure ${workload} with ${watched}: the observer heard of ${started} steps`);
  return cost;
}

console.log(`Node ${process.version}, CPU by ${threadCpuSource}, median of ${rounds} rounds.\n`);
console.log("| workload | nobody looks on, ns | at the life of tasks | at every step too |\n|---|---:|---:|---:|");
for (const [workload, { unit }] of Object.entries(workloads)) {
  if (unit !== undefined || !only.test(workload)) continue;
  const results = [];
  for (let round = 0; round < rounds; round++) {
    const none = await cost(workload, "none");
    results.push({ none, life: (await cost(workload, "life")) / none, steps: (await cost(workload, "steps")) / none });
  }
  const of = (key) => middle(results.map((result) => result[key]));
  console.log(`| ${workload} | ${of("none").toFixed(0)} | ${of("life").toFixed(2)} | ${of("steps").toFixed(2)} |`);
}
