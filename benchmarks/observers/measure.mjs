// A workload of scheduling with and without observers in this process: node measure.mjs <workload> <none|life|steps>
// Prints the nanoseconds of CPU of the main thread per operation, the median of the later runs.
import { newEventLoop, run } from "tsyncio";
import { workloads } from "../scheduling/workloads.mjs";
import { threadCpu } from "../thread-cpu.mjs";

const RUNS = 20;
const ENOUGH = 1e9;

const [name, watched, scale = "1"] = process.argv.slice(2);

/** Counts what it hears of: the least that an observer does. */
const counts = { created: 0, done: 0, started: 0, ended: 0 };
const life = { taskCreated: () => void counts.created++, taskDone: () => void counts.done++ };
const steps = { ...life, stepStarted: () => void counts.started++, stepEnded: () => void counts.ended++ };
const observer = { life, steps }[watched];
const { [name]: workload } = await import("../scheduling/tsyncio.ts");

function loopFactory() {
  const loop = newEventLoop();
  if (observer !== undefined) loop.addObserver(observer);
  return loop;
}

const size = Math.ceil(workloads[name].size * Number(scale));
const figures = [];
const began = threadCpu();
do {
  const before = threadCpu();
  const operations = await run(workload(size), { loopFactory });
  figures.push((threadCpu() - before) / operations);
} while (figures.length < RUNS && threadCpu() - began < ENOUGH);
const later = figures.slice(figures.length >> 1).toSorted((a, b) => a - b);
console.log(JSON.stringify({ cost: later[later.length >> 1], ...counts }));
process.exit();
