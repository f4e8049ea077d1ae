// Counts what one workload does, in this process: node <flags of count.mjs> probe.mjs <options as JSON> <file for the result>.
// It has no async function: the loader would make a coroutine of it.
import { writeFileSync } from "node:fs";
import { PerformanceObserver } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { getHeapStatistics, promiseHooks } from "node:v8";
import { runInThisContext } from "node:vm";
import { coroutine, newEventLoop, run } from "tsyncio";
import { StillHost } from "./still-host.mjs";

/** After so many runs V8 has optimised what it will: the counts of later ones are the same. */
const WARM_UP = 10;
const COUNTED = 4;

const { module, name, size, held } = JSON.parse(process.argv[2]);
const { [name]: workload } = await import(module);

/** Puts a line into V8's log: see v8-log.mjs. */
const mark = (text) => runInThisContext("0", { filename: `guard:${text}` });
const usedHeap = () => getHeapStatistics().used_heap_size;

function heldHeap() {
  for (let i = 0; i < 3; i++) globalThis.gc();
  return usedHeap();
}

/** Runs the workload on a loop of its own; `observe` is called before it, on the loop, and gives what to call after it. */
function once(observe) {
  const host = new StillHost();
  const loop = newEventLoop({ host });
  const main = coroutine(function* () {
    const { iterations } = loop.statistics();
    const { turns } = host;
    const observed = observe();
    const given = yield* workload(size, heldHeap);
    observed();
    return { given, iterations: loop.statistics().iterations - iterations, turns: host.turns - turns };
  });
  return run(main, { loopFactory: () => loop });
}

const collections = [];
new PerformanceObserver((list) => collections.push(...list.getEntries())).observe({ entryTypes: ["gc"] });

let allocations = [];
function countBytes() {
  const before = usedHeap();
  return () => void allocations.push(usedHeap() - before);
}

let promises = 0;
const countPromises = () => promiseHooks.onInit(() => void promises++);

for (let i = 0; i < WARM_UP; i++) await once(countBytes);
allocations = [];
mark("steady");
const results = [];
for (let i = 0; i < COUNTED; i++) results.push(await once(countBytes));
mark("end");
await once(countPromises);

const [{ given, iterations, turns }] = results;
if (results.some((result) => result.iterations !== iterations || result.turns !== turns))
  throw new Error(`Cannot count the iterations of ${name}: they are not the same in each run`);
// An observer hears later of collections.
await delay(50);
if (!held && collections.length > 0)
  throw new Error(`Cannot count the bytes of ${name}: garbage was collected; give it a smaller size`);
const counts = held
  ? { operations: size, held: Math.min(...results.map((result) => result.given)) }
  : // What V8 allocates for itself comes on top, now and then: the least is what the workload takes.
    { operations: given, allocated: Math.min(...allocations) / given };
writeFileSync(process.argv[3], JSON.stringify({ ...counts, iterations, turns, promises }));
