// Workloads of one peer in this process: node --expose-gc measure.mjs <module> <full|small> <workload>…
// Prints, as JSON, of each the figures of its runs: by the CPU of the main thread, and of the whole process.
// node measure.mjs <module> list: which workloads it has.
import { threadCpu } from "../thread-cpu.mjs";
import { workloads } from "./workloads.mjs";

/** It takes some runs until everything is optimised; of what takes long there are fewer. */
const RUNS = 20;
const ENOUGH = 1e9;

const [module, order, ...names] = process.argv.slice(2);
const peer = await import(module);

/** The nanoseconds of CPU that all threads have used: those of the garbage collector and of the compiler too. */
function processCpu() {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1_000;
}

/** Only where bytes are counted: between timed runs it would throw away what V8 has learned. */
function heap() {
  for (let i = 0; i < 3; i++) globalThis.gc();
  return process.memoryUsage().heapUsed;
}

async function once(name, size) {
  const { unit } = workloads[name];
  if (unit === "bytes") return { thread: await peer.start(peer[name](size, heap)) };
  if (unit === "ratio") return { thread: await peer.start(peer[name](size, threadCpu)) };
  const before = [threadCpu(), processCpu()];
  const operations = await peer.start(peer[name](size));
  return { thread: (threadCpu() - before[0]) / operations, process: (processCpu() - before[1]) / operations };
}

async function figures(name) {
  const { size, small, unit } = workloads[name];
  if (order === "small") return [await once(name, small)];
  const runs = [];
  const began = threadCpu();
  do runs.push(await once(name, size));
  while (unit !== "bytes" && runs.length < RUNS && threadCpu() - began < ENOUGH);
  return runs;
}

async function answer() {
  if (order === "list") return { workloads: Object.keys(workloads).filter((name) => name in peer) };
  const result = {};
  for (const name of names) result[name] = await figures(name);
  return result;
}

console.log(JSON.stringify(await answer()));
// What still waits is none of our business.
process.exit();
