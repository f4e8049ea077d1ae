// One side of a choice in this process: node measure.mjs <choice> <ours|other> <scale>
// Prints the nanoseconds of CPU of the main thread per operation, the median of the later runs.
// node measure.mjs list: which there are.
import { threadCpu } from "../thread-cpu.mjs";
import { choices, start } from "./choices.ts";

const RUNS = 20;
const ENOUGH = 1e9;

const [choice, side, scale] = process.argv.slice(2);

async function cost({ size, [side]: workload }) {
  const figures = [];
  const began = threadCpu();
  do {
    const before = threadCpu();
    const operations = await start(workload(Math.ceil(size * Number(scale))));
    figures.push((threadCpu() - before) / operations);
  } while (figures.length < RUNS && threadCpu() - began < ENOUGH);
  const later = figures.slice(figures.length >> 1).toSorted((a, b) => a - b);
  return later[later.length >> 1];
}

console.log(JSON.stringify(choice === "list" ? Object.keys(choices) : await cost(choices[choice])));
process.exit();
