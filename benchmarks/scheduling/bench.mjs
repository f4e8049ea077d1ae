// Workloads of scheduling, tsyncio beside its peers: node bench.mjs [--only <pattern>] [--peers <name>,<name>] [--rounds <n>]
// [--python <command>]…
// Fresh processes, the peers in turn; of each the median of its later runs; then the median of the rounds' ratios.
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { threadCpuSource } from "../thread-cpu.mjs";
import { Verdict, allThreadsColumn, nativeColumn, peerColumn, sharedColumn, workloadColumn } from "./columns.mjs";
import { measure } from "./figures.mjs";
import { names, prepare } from "./peers.mjs";
import { workloads } from "./workloads.mjs";

/** What has fewer workloads than this shares a column. */
const MANY = 8;

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    peers: { type: "string", default: names.join(",") },
    rounds: { type: "string", default: "3" },
    python: { type: "string", multiple: true, default: ["python3"] },
  },
});
const only = new RegExp(values.only);
const asked = values.peers.split(",");
const rounds = Number(values.rounds);

const chosen = Object.keys(workloads).filter((workload) => only.test(workload));
const unknown = asked.filter((name) => !names.includes(name));
if (chosen.length === 0)
  throw new Error(`Cannot measure "${values.only}": the workloads are ${Object.keys(workloads).join(", ")}`);
if (unknown.length > 0) throw new Error(`Cannot measure ${unknown.join(", ")}: the peers are ${names.join(", ")}`);
if (!(rounds >= 1)) throw new Error(`Cannot measure: --rounds must be at least 1, received ${values.rounds}`);

const peers = [];
for (const name of names) {
  if (name !== "native" && !asked.includes(name)) continue;
  const peer = await prepare(name, values.python);
  if (peer.missing === undefined) peers.push(peer);
  else console.log(`Without ${name}: ${peer.missing}`);
}
const others = peers.filter(({ version }) => version !== undefined);

const keywords = new Verdict("tsyncio", ({ target }) => target);
const generators = new Verdict("tsyncio-generators", ({ target, generators = target }) => generators);

const columns = [workloadColumn, nativeColumn];
if (asked.includes(keywords.name)) columns.push(...keywords.columns("tsyncio"), allThreadsColumn);
if (asked.includes(generators.name)) columns.push(...generators.columns("`yield*`"));
for (const { name, workloads } of others) if (workloads.length >= MANY) columns.push(peerColumn(name));
const few = others.filter(({ workloads }) => workloads.length < MANY).map(({ name }) => name);
if (few.length > 0) columns.push(sharedColumn(few));

console.log(`Node ${process.version} on ${cpus()[0].model}, CPU time of the main thread (${threadCpuSource})`);
console.log(`Ratios to native promises, medians of ${rounds} rounds; below 1 is faster`);
if (others.length > 0) console.log(others.map(({ name, version }) => `${name} ${version}`).join(", "));
console.log();

const notes = [];
const line = (cells) => console.log(`| ${cells.join(" | ")} |`);
line(columns.map(({ title }) => title));
line(columns.map((_, i) => (i === 0 ? "---" : "---:")));
for (const workload of chosen) {
  const figures = await measure(workload, peers, rounds, (note) => notes.push(note));
  line(columns.map(({ cell }) => cell(figures)));
}

console.log();
for (const { name, met, all } of [keywords, generators])
  if (all > 0) console.log(`${name} meets ${met} of ${all} targets.`);
for (const note of notes) console.log(note);
if (notes.length > 0) process.exitCode = 1;
