// What tsyncio's own ways gain over those that come to mind first: node bench.mjs [--only <pattern>] [--rounds <n>] [--scale <factor>]
// Fresh processes take turns; a ratio is that of neighbours, of the rounds the median counts.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { threadCpuSource } from "../thread-cpu.mjs";

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    rounds: { type: "string", default: "3" },
    scale: { type: "string", default: "1" },
  },
});
const only = new RegExp(values.only);
const rounds = Number(values.rounds);

const run = promisify(execFile);
const measure = fileURLToPath(new URL("measure.mjs", import.meta.url));
const flags = ["--import", "@tsyncio/keywords/register"];
const cwd = fileURLToPath(new URL("..", import.meta.url));
const middle = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

async function ask(...words) {
  const { stdout } = await run(process.execPath, [...flags, measure, ...words], { cwd });
  return JSON.parse(stdout);
}

console.log(`Node ${process.version}, ns of CPU per operation by ${threadCpuSource}, median of ${rounds} rounds.\n`);
console.log("| | ours | the other way | ratio |\n|---|---:|---:|---:|");
for (const choice of await ask("list")) {
  if (!only.test(choice)) continue;
  const figures = [];
  for (let round = 0; round < rounds; round++) {
    const ours = await ask(choice, "ours", values.scale);
    const other = await ask(choice, "other", values.scale);
    figures.push({ ours, other, ratio: other / ours });
  }
  const of = (key) => middle(figures.map((figure) => figure[key]));
  console.log(`| ${choice} | ${of("ours").toFixed(0)} | ${of("other").toFixed(0)} | ${of("ratio").toFixed(1)} |`);
}
