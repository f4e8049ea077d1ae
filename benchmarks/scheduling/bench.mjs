// Workloads of scheduling, tsyncio beside its peers: node bench.mjs [--only <pattern>] [--peers <name>,<name>] [--rounds <n>]
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
  },
});
const only = new RegExp(values.only);
const asked = values.peers.split(",");
const rounds = Number(values.rounds);

const unknown = asked.filter((name) => !names.includes(name));
if (unknown.length > 0) throw new Error(`Cannot measure ${unknown.join(", ")}: the peers are ${names.join(", ")}`);
if (!(rounds >= 1)) throw new Error(`Cannot measure: --rounds must be at least 1, received ${values.rounds}`);

const middle = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

/** The later half of the runs counts. */
async function figure(peer, workload) {
  const { [workload]: runs } = await peer.measure("full", workload);
  const later = runs.slice(runs.length >> 1);
  return { thread: middle(later.map(({ thread }) => thread)), process: middle(later.map(({ process }) => process)) };
}

/** The figures of every peer, round by round. */
async function measure(workload, peers) {
  const figures = new Map(peers.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const peer of peers) figures.get(peer.name).push(await figure(peer, workload));
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

const peers = [];
for (const name of names) {
  if (name !== "native" && !asked.includes(name)) continue;
  const peer = await prepare(name);
  if (peer.missing === undefined) peers.push(peer);
  else console.log(`Without ${name}: ${peer.missing}`);
}
const others = peers.filter(({ name }) => name !== "native" && !name.startsWith("tsyncio"));
const few = others.filter(({ workloads }) => workloads.length < 8);
const many = others.filter((peer) => !few.includes(peer));

console.log(
  `Node ${process.version}, ${cpus()[0].model}: CPU time of the main thread (${threadCpuSource}), ratios to native promises, median of ${rounds} rounds`,
);
console.log(
  peers
    .filter(({ version }) => version !== "")
    .map(({ name, version }) => `${name} ${version}`)
    .join(", "),
);

const missed = [];
/** A figure of ours, beside its target: a ratio to native promises; bytes as they are. */
function judged(figures, name, workload, target) {
  if (!figures.has(name)) return ["", ""];
  const { unit = "ns" } = workloads[workload];
  const [figure, show] = unit === "ns" ? [ratio(figures, name, unit), shown] : [itself(figures, name), withUnit[unit]];
  const met = figure < target * 1.005;
  if (!met) missed.push(`${workload} (${name})`);
  return [`${show(figure)} ${met ? "✓" : "✗"}`, show(target)];
}

const head = ["workload", "native", "tsyncio", "target", "all threads", "`yield*`", "target"];
head.push(...many.map(({ name }) => name), ...(few.length > 0 ? ["others"] : []));
const line = (cells) => console.log(`| ${cells.join(" | ")} |`);
console.log();
line(head);
line(head.map((_, i) => (i === 0 ? "---" : "---:")));
for (const [workload, { unit = "ns", target, generators = target }] of Object.entries(workloads)) {
  if (!only.test(workload)) continue;
  const figures = await measure(
    workload,
    peers.filter((peer) => peer.workloads.includes(workload)),
  );
  const cell = ({ name }) => (figures.has(name) ? shown(ratio(figures, name, unit)) : "");
  line([
    `\`${workload}\``,
    withUnit[unit](itself(figures, "native")),
    ...judged(figures, "tsyncio", workload, target),
    unit === "ns" && figures.has("tsyncio") ? shown(ratio(figures, "tsyncio", unit, "process")) : "",
    ...judged(figures, "tsyncio-generators", workload, generators),
    ...many.map(cell),
    ...(few.length > 0
      ? [
          few
            .filter(({ name }) => figures.has(name))
            .map((peer) => `${peer.name} ${cell(peer)}`)
            .join(", "),
        ]
      : []),
  ]);
}
console.log(missed.length === 0 ? "\nEvery target is met." : `\nMissed: ${missed.join(", ")}.`);
