// The CPU profile of a workload of scheduling in this process: node profile.mjs <workload> <full|small>
// Prints, as JSON, V8's profile and the time from which on it counts: before, everything was being optimised.
import { Session } from "node:inspector/promises";
import { workloads } from "../scheduling/workloads.mjs";

const MICROSECONDS_BETWEEN_SAMPLES = 100;
const [workload, scale] = process.argv.slice(2);
const { unit, size, small } = workloads[workload];
const [warmUp, runs] = scale === "small" ? [0, 1] : [20, 60];

/** For workloads that ask for a clock or a heap: nobody reads what they say. */
const measure = unit === undefined ? undefined : () => 1;

async function run(times, program) {
  for (let i = 0; i < times; i++) await program.start(program[workload](scale === "small" ? small : size, measure));
}

// From the start on: of functions that are optimised before, V8 does not know any more what it has inlined where.
const session = new Session();
session.connect();
await session.post("Profiler.enable");
await session.post("Profiler.setSamplingInterval", { interval: MICROSECONDS_BETWEEN_SAMPLES });
await session.post("Profiler.start");
const program = await import("../scheduling/tsyncio.ts");
await run(warmUp, program);
const since = Number(process.hrtime.bigint() / 1_000n);
await run(runs, program);
const { profile } = await session.post("Profiler.stop");
process.stdout.write(JSON.stringify({ profile, since }));
