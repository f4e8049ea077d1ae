// npm run soak -- [--minutes n] [--seed n] [--margin MiB] [--only streams,tls,…]
// Does everything that the package can, over and over, a thousand child processes a minute among it, and cancels it at random
// moments. Ends with 0 when nothing went wrong, descriptors, threads, children and active resources are as they were at the
// beginning, and the heap has grown by no more than the margin. For Linux.
import { parseArgs } from "node:util";
import { leaks } from "./leak.ts";
import { differences, growth, type Measure, measure, mebibytes, shown } from "./measure.ts";
import { soak } from "./soak.ts";
import type { Tally } from "./tally.ts";
import { datagrams } from "./workloads/datagrams.ts";
import { processes, threads } from "./workloads/executors.ts";
import { signals } from "./workloads/signals.ts";
import { streams } from "./workloads/streams.ts";
import { spawned, subprocesses } from "./workloads/subprocesses.ts";
import { tls } from "./workloads/tls.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    margin: { type: "string", default: "4" },
    /** Names of workloads, with commas. Default: all. */
    only: { type: "string" },
    /** A leak of leak.ts, to see that it is found. */
    plant: { type: "string" },
  },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);
const margin = Number(values.margin) * 2 ** 20;
const SPAWNS_A_MINUTE = 1_000;
/** How long the process may take to end when everything is closed. */
const LAST_MOMENT = 5_000;

const wanted = values.only?.split(",");
const kinds = [streams, tls, datagrams, subprocesses, threads, processes, signals].filter(
  ({ name }) => wanted === undefined || wanted.includes(name),
);
const began = performance.now();
const opened: Measure[] = [];
const found: string[] = [];
process.on("warning", ({ name, message }) => {
  if (name === "ResourceWarning" || name === "MaxListenersExceededWarning") found.push(`${name}: ${message}`);
});

function tell(what: string): void {
  console.log(`${((performance.now() - began) / 1000).toFixed(0).padStart(5)} s  ${what}`);
}

function measured(now: Measure, tallies: ReadonlyMap<string, Tally>): void {
  opened.push(now);
  const all = [...tallies.values()];
  const cancelled = all.reduce((sum, tally) => sum + tally.cancelled, 0);
  const done = all.reduce((sum, tally) => sum + tally.done, 0);
  tell(`${shown(now)}; operations ${done + cancelled}, cancelled ${cancelled}, subprocesses ${spawned()}`);
}

/** Works for a while with everything open, then measures with everything closed. */
async function soakAndMeasure(duration: number): Promise<Measure> {
  opened.length = 0;
  const spawns = wanted?.includes("subprocesses") === false ? 0 : (duration / 60_000) * SPAWNS_A_MINUTE + spawned();
  const enough = (): boolean => spawned() >= spawns;
  await soak({ kinds, duration, enough, every: Math.min(10_000, duration), seed, measured });
  return await measure();
}

tell(`seed ${seed}, Node ${process.version}, heap margin ${mebibytes(margin)}`);
const total = minutes * 60_000;
const warmUp = Math.min(30_000, total / 4);
const before = await soakAndMeasure(warmUp);
tell(`warm, everything closed: ${shown(before)}`);
const leaking = values.plant === undefined ? undefined : setInterval(leaks[values.plant], 50);
const after = await soakAndMeasure(total - warmUp);
clearInterval(leaking);
tell(`everything closed: ${shown(after)}`);

found.push(...differences(before, after, margin), ...growth("open", opened[0], opened.at(-1)!, margin));
for (const sentence of found) console.error(`LEAK  ${sentence}`);
if (found.length === 0) console.log("nothing leaked");
else process.exitCode = 1;
setTimeout(() => {
  console.error(`LEAK  the process does not end by itself: ${process.getActiveResourcesInfo().join(", ")}`);
  process.exit(1);
}, LAST_MOMENT).unref();
