// Workloads of scheduling, tsyncio against native async/await: node bench.mjs [--only <pattern>] [--rounds <n>]
// Fresh processes, the two in turn; of each the median of its later runs; then the median of the rounds' ratios.
import { execFile } from "node:child_process";
import { parseArgs, promisify } from "node:util";

const { values } = parseArgs({
  options: { only: { type: "string", default: "" }, rounds: { type: "string", default: "3" } },
});
const only = new RegExp(values.only);
const rounds = Number(values.rounds);
// It takes some runs until everything is optimised: the second half counts.
const RUNS = 20;

const start = promisify(execFile);
const measure = new URL("measure.mjs", import.meta.url).pathname;
const middle = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

async function figure(peer, workload) {
  const { stdout } = await start(
    process.execPath,
    ["--import", "@tsyncio/keywords/register", measure, peer, workload, String(RUNS)],
    {
      cwd: new URL("..", import.meta.url),
    },
  );
  return middle(JSON.parse(stdout).slice(RUNS / 2));
}

console.log(`Node ${process.version}, CPU time per operation, median of ${rounds} rounds\n`);
console.log("| workload | native, ns | tsyncio, ns | ratio |\n|---|---:|---:|---:|");
for (const workload of Object.keys(await import("./native.mjs"))) {
  if (!only.test(workload)) continue;
  const results = [];
  for (let round = 0; round < rounds; round++) {
    const native = await figure("native", workload);
    const tsyncio = await figure("tsyncio", workload);
    results.push({ native, tsyncio, ratio: tsyncio / native });
  }
  const of = (key) => middle(results.map((result) => result[key]));
  console.log(`| ${workload} | ${of("native").toFixed(0)} | ${of("tsyncio").toFixed(0)} | ${of("ratio").toFixed(2)} |`);
}
