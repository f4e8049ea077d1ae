// npm run bench:guard -- [--only <pattern>] [--write] [--counts <folder>]: counts what the workloads of scheduling do, and fails
// when it has become more than is written in counts/ for this version of Node. --write writes it.
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { workloads } from "../scheduling/workloads.mjs";
import { ANYWHERE, falls, rises, toWrite } from "./compare.mjs";
import { count } from "./count.mjs";

const { values: options } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    write: { type: "boolean", default: false },
    counts: { type: "string", default: fileURLToPath(new URL("counts", import.meta.url)) },
  },
});
const only = new RegExp(options.only);
// A ratio of times is nothing to count.
const wanted = Object.entries(workloads).filter(([name, { unit }]) => only.test(name) && unit !== "ratio");
/** Smaller than where times are measured: all runs together must not fill what V8 has before it collects garbage. */
const SMALLER = { callChain: 18, giveWays: 1_000 };
const sizeOf = (name, { size }) => SMALLER[name] ?? Math.min(size, 10_000);
if (wanted.length === 0) throw new Error(`Cannot count "${options.only}": there is no such workload`);

const module = new URL("../scheduling/tsyncio.ts", import.meta.url).href;

const [, major] = /^v(\d+)/.exec(process.version);
const file = join(options.counts, `node-${major}.json`);
const read = (path) => JSON.parse(readFileSync(path, "utf8"));

/** What is written for this version of Node; for one without a file, as much of the newest as holds anywhere. */
function writtenCounts() {
  if (existsSync(file)) return read(file);
  if (options.write) return {};
  const newest = readdirSync(options.counts).toSorted().at(-1);
  console.log(`Nothing is written for Node ${major}: compared are only ${ANYWHERE.join(", ")}, with ${newest}\n`);
  const part = (counts) => Object.fromEntries(ANYWHERE.map((key) => [key, counts[key]]));
  return Object.fromEntries(
    Object.entries(read(join(options.counts, newest))).map(([name, counts]) => [name, part(counts)]),
  );
}

const counted = {};
const faults = [];

async function countOne(name, workload) {
  try {
    counted[name] = await count({ module, name, size: sizeOf(name, workload), held: workload.unit === "bytes" });
    console.log(row(name, counted[name]));
  } catch (error) {
    faults.push(`${name}: ${error.message}`);
  }
}

/** Two at a time: a busy machine changes nothing of the counts. */
async function countAll() {
  const queue = wanted.values();
  const worker = async () => {
    for (const [name, workload] of queue) await countOne(name, workload);
  };
  await Promise.all([worker(), worker()]);
}

const line = (name, cells) => name.padEnd(24) + cells.map((cell) => String(cell).padStart(14)).join("");

function row(name, counts) {
  const { operations, allocated, held, iterations, turns, promises, deoptimisations, megamorphic } = counts;
  const each = (number) => Number((number / operations).toPrecision(3));
  const sum = (record) => (record === undefined ? "" : Object.values(record).reduce((a, b) => a + b, 0));
  const bytes = held === undefined ? allocated.toFixed(2) : `${held.toFixed(2)} held`;
  return line(name, [bytes, each(iterations), each(turns), promises, sum(deoptimisations), sum(megamorphic)]);
}

const written = writtenCounts();
console.log(`Node ${process.version}: bytes, iterations and turns of each operation, promises and the rest of all\n`);
console.log(line("", ["bytes", "iterations", "turns", "promises", "deoptimised", "megamorphic"]));
await countAll();

if (options.write) {
  for (const [name, counts] of Object.entries(counted)) written[name] = toWrite(counts);
  const ordered = Object.keys(workloads).flatMap((name) => (name in written ? [[name, written[name]]] : []));
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(ordered), null, 2)}\n`);
  console.log(`\nwritten: ${relative("", file)}`);
}

for (const [name, counts] of Object.entries(counted))
  faults.push(...rises(written[name], counts).map((rise) => `${name}: ${rise}`));
for (const name of Object.keys(written))
  if (!(name in workloads)) faults.push(`${name}: there is no such workload any more`);
for (const fault of faults) console.error(fault);
if (faults.length > 0) {
  console.error(`\nCounts have risen: ${faults.length}; if that is meant, npm run bench:guard -- --write`);
  process.exitCode = 1;
} else if (Object.entries(counted).some(([name, counts]) => falls(written[name], counts))) {
  console.log("\nCounts have fallen: npm run bench:guard -- --write keeps them there");
}
