// Workloads of scheduling, tsyncio beside its peers: node bench.mjs [--only <pattern>] [--peers <name>,<name>] [--rounds <n>]
// [--python <command>]…
// Fresh processes, the peers in turn; of each the median of its later runs; then the median of the rounds' ratios.
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { threadCpuSource } from "../thread-cpu.mjs";
import { names, prepare } from "./peers.mjs";
import { workloads } from "./workloads.mjs";

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

const middle = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

/** The later half of the runs counts: it takes some until everything is optimised. */
async function figure(peer, workload) {
  const { [workload]: runs } = await peer.measure("full", [workload]);
  const later = runs.slice(runs.length >> 1);
  return { thread: middle(later.map(({ thread }) => thread)), process: middle(later.map(({ process }) => process)) };
}

const notes = [];
/** The figures of every peer that has the workload, round by round. One that fails has none. */
async function measure(workload) {
  const figures = new Map();
  for (const { name, workloads } of peers) if (workloads.includes(workload)) figures.set(name, []);
  for (let round = 0; round < rounds; round++) {
    for (const peer of peers.filter(({ name }) => figures.has(name))) {
      try {
        figures.get(peer.name).push(await figure(peer, workload));
      } catch (error) {
        if (peer.name === "native") throw error;
        figures.delete(peer.name);
        notes.push(`${peer.name} has no figure of ${workload}: ${error.killed ? "it takes too long" : error.message}`);
      }
    }
  }
  return figures;
}

const itself = (figures, name) => middle(figures.get(name).map(({ thread }) => thread));

/** What a peer takes of what native promises take; of a workload that is a ratio by itself, that. */
function ratio(figures, name, unit, cpu = "thread") {
  if (unit === "ratio") return itself(figures, name);
  return middle(figures.get(name).map((figure, round) => figure[cpu] / figures.get("native")[round][cpu]));
}

const shown = (ratio) => (ratio < 10 ? ratio.toFixed(2) : ratio < 100 ? ratio.toFixed(1) : ratio.toFixed(0));
const withUnit = {
  ns: (figure) => `${figure.toFixed(0)} ns`,
  bytes: (figure) => `${figure.toFixed(0)} B`,
  ratio: shown,
};

const counts = { tsyncio: [0, 0], "tsyncio-generators": [0, 0] };
/** A figure of ours, beside its target: a ratio to native promises; bytes as they are. */
function judged(figures, name, unit, target) {
  if (!figures.has(name)) return ["", ""];
  const [figure, show] = unit === "ns" ? [ratio(figures, name, unit), shown] : [itself(figures, name), withUnit[unit]];
  const met = Number.parseFloat(show(figure)) <= target;
  counts[name][0] += met ? 1 : 0;
  counts[name][1]++;
  return [`${show(figure)} ${met ? "✓" : "✗"}`, show(target)];
}

const peers = [];
for (const name of names) {
  if (name !== "native" && !asked.includes(name)) continue;
  const peer = await prepare(name, values.python);
  if (peer.missing === undefined) peers.push(peer);
  else console.log(`Without ${name}: ${peer.missing}`);
}
const others = peers.filter(({ name }) => name !== "native" && !(name in counts));
/** What has a few workloads only shares a column. */
const few = others.filter(({ workloads }) => workloads.length < 8);
const many = others.filter((peer) => !few.includes(peer));

console.log(`Node ${process.version} on ${cpus()[0].model}, CPU time of the main thread (${threadCpuSource})`);
console.log(`Ratios to native promises, medians of ${rounds} rounds; below 1 is faster`);
if (others.length > 0) console.log(others.map(({ name, version }) => `${name} ${version}`).join(", "));
console.log();

const line = (cells) => console.log(`| ${cells.join(" | ")} |`);
const head = ["workload", "native", "tsyncio", "target", "all threads", "`yield*`", "target"];
head.push(...many.map(({ name }) => name), ...(few.length > 0 ? ["others"] : []));
line(head);
line(head.map((_, i) => (i === 0 ? "---" : "---:")));
for (const workload of chosen) {
  const { unit = "ns", target, generators = target } = workloads[workload];
  const figures = await measure(workload);
  const cell = ({ name }) => (figures.has(name) ? shown(ratio(figures, name, unit)) : "");
  const shared = few.filter(({ name }) => figures.has(name)).map((peer) => `${peer.name} ${cell(peer)}`);
  line([
    `\`${workload}\``,
    withUnit[unit](itself(figures, "native")),
    ...judged(figures, "tsyncio", unit, target),
    unit === "ns" && figures.has("tsyncio") ? shown(ratio(figures, "tsyncio", unit, "process")) : "",
    ...judged(figures, "tsyncio-generators", unit, generators),
    ...many.map(cell),
    ...(few.length > 0 ? [shared.join(", ")] : []),
  ]);
}
console.log();
for (const [name, [met, all]] of Object.entries(counts)) {
  if (all > 0) console.log(`${name} meets ${met} of ${all} targets.`);
}
for (const note of notes) console.log(note);
