// One workload at one size in this process: node measure.ts <workload> <size> <operations>.
// Prints what an operation costs: nanoseconds of CPU of the main thread, and those of them that were not spent in the system.
import { run } from "tsyncio";
import { threadCpu } from "../thread-cpu.mjs";
import * as workloads from "./workloads.ts";

type Workload = (size: number, watch: workloads.Watch) => Promise<number>;

const [name, size, operations] = process.argv.slice(2);
const workload = (workloads as unknown as Record<string, Workload>)[name!]!;

/** What was used until now. The system counts its own share for all threads together; the others use little of it. */
function used() {
  return { cpu: threadCpu(), system: process.cpuUsage().system * 1_000 };
}

/** Repeats the workload for so many operations at least. */
async function cost(size: number, least: number) {
  let done = 0;
  const sum = { cpu: 0, system: 0 };
  while (done < least) {
    let started = used();
    let stopped: typeof started | undefined;
    const start = () => void (started = used());
    const stop = () => void (stopped ??= used());
    done += await workload(size, { start, stop });
    stop();
    sum.cpu += stopped!.cpu - started.cpu;
    sum.system += stopped!.system - started.system;
  }
  return { cpu: sum.cpu / done, own: (sum.cpu - sum.system) / done };
}

async function main() {
  const wanted = Number(size);
  const least = Number(operations);
  // Until everything is optimised; the loops over all of them too.
  await cost(Math.min(1_000, wanted), least);
  await cost(Math.min(30_000, wanted), 1);
  return await cost(wanted, least);
}

console.log(JSON.stringify(await run(main)));
