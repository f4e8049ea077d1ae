// Input, output, workers, start-up and size beside peers: node bench.mjs [--only <pattern>] [--rounds <n>] [--python <command>]…
// [--small]. The first Python counts that has what is measured.
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { installedVersion } from "../peers/installed.mjs";
import { threadCpuSource } from "../thread-cpu.mjs";
import { echo } from "./echo.mjs";
import { http } from "./http.mjs";
import { jobs } from "./jobs.mjs";
import { line } from "./row.mjs";
import { size } from "./size.mjs";
import { startUp } from "./start-up.mjs";
import { subprocess } from "./subprocess.mjs";

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    rounds: { type: "string", default: "3" },
    python: { type: "string", multiple: true, default: ["python3"] },
    small: { type: "boolean", default: false },
  },
});
const rounds = Number(values.rounds);
if (!(rounds >= 1)) throw new Error(`Cannot measure: --rounds must be at least 1, received ${values.rounds}`);
const options = { only: new RegExp(values.only), rounds, small: values.small, pythons: values.python };

console.log(`Node ${process.version} on ${cpus()[0].model}, CPU time of the main thread (${threadCpuSource}),`);
console.log("of all threads for start-ups; ratios to the base, medians of turns; below 1 is cheaper");
if (installedVersion("@effect/platform-node") === undefined)
  console.log("Without peers: npm run bench:setup fetches them");
console.log("\n| | base | tsyncio | target | others |\n|---|---:|---:|---:|---|");

let met = 0;
let all = 0;
for (const measure of [echo, http, jobs, subprocess, startUp, size]) {
  for (const row of await measure(options)) {
    console.log(line(row));
    all++;
    if (line(row).includes("✓")) met++;
  }
}
if (all === 0) throw new Error(`Cannot measure "${values.only}": there is no such row`);
console.log(`\ntsyncio meets ${met} of ${all} targets.`);
