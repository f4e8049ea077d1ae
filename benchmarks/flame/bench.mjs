// Where the time goes in a workload of scheduling, in keyword spelling: node bench.mjs <workload> [--scale small] [--draw]
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { workloads } from "../scheduling/workloads.mjs";
import { drawFlame } from "./chart.mjs";
import { ownShares, stacksOf } from "./stacks.mjs";

/** What has a smaller share is not shown. */
const LEAST = 0.01;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { scale: { type: "string", default: "full" }, draw: { type: "boolean", default: false } },
});
const [workload] = positionals;
if (!(workload in workloads))
  throw new Error(`Cannot profile ${workload}: the workloads are ${Object.keys(workloads).join(", ")}`);

const program = fileURLToPath(new URL("profile.mjs", import.meta.url));
const flags = ["--import", "@tsyncio/keywords/register"];
const { stdout } = await promisify(execFile)(process.execPath, [...flags, program, workload, values.scale], {
  cwd: fileURLToPath(new URL("..", import.meta.url)),
  maxBuffer: 2 ** 30,
});
const { profile, since } = JSON.parse(stdout);
const stacks = stacksOf(profile, since);

console.log(
  `Node ${process.version} on ${cpus()[0].model}, ${workload}: the share of each function, without what it calls\n`,
);
console.log("| function | share |");
console.log("|---|---:|");
for (const [title, share] of ownShares(stacks))
  if (share >= LEAST) console.log(`| ${title} | ${(share * 100).toFixed(1)} % |`);
if (values.draw) {
  const file = new URL("../../docs/design/flame.svg", import.meta.url);
  await writeFile(file, drawFlame(stacks));
  console.log(`\nDrawn into ${file.pathname}`);
}
