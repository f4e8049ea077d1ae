// One workload by one kind of concurrency: node kind.mjs <async|threads|processes> <io|cpu> <jobs> <port>. Prints, as JSON,
// the milliseconds of all jobs together, the megabytes that the kind takes beyond the program itself, the milliseconds until
// a first worker answers, and the microseconds that a job costs beside its work (of many that do nothing, 100 at a time).
import { ProcessPoolExecutor, ThreadPoolExecutor, remote } from "@tsyncio/node";
import { coroutine, createTask, gather, run } from "tsyncio";
import { cpu, io, memory, noop } from "./jobs.mjs";

const [kind, workload, count, port] = process.argv.slice(2);
const jobs = remote(new URL("jobs.mjs", import.meta.url));
const NO_OPS = 30_000;
const BATCH = 100;

const settled = () => new Promise((resolve) => setTimeout(resolve, 50));

/** An executor, or tasks on this very thread. */
function submitter(pool) {
  if (pool !== null) return (name, arg) => pool.submit(jobs[name], arg);
  const local = { cpu, io, noop };
  const task = coroutine(function* job(name, arg) {
    return yield local[name](arg);
  });
  return (name, arg) => createTask(task(name, arg));
}

const main = coroutine(function* () {
  yield settled();
  const before = memory();
  const began = performance.now();
  const pool = kind === "threads" ? new ThreadPoolExecutor() : kind === "processes" ? new ProcessPoolExecutor() : null;
  const submit = submitter(pool);
  yield submit("noop", 0);
  const starting = pool === null ? 0 : performance.now() - began;

  const start = performance.now();
  const results = yield gather(Array.from({ length: Number(count) }, () => submit(workload, Number(port))));
  const time = performance.now() - start;
  if (new Set(results).size !== 1) throw new Error(`different results: ${results.join(", ")}`);

  const { workers = 0 } = pool?.statistics() ?? {};
  let own = memory() - before;
  if (kind === "processes")
    for (const rss of yield gather(Array.from({ length: workers }, () => pool.submit(jobs.memory)))) own += rss;

  const per = [];
  for (let done = 0; done < NO_OPS; done += BATCH) {
    const from = performance.now();
    yield gather(Array.from({ length: BATCH }, () => submit("noop", 0)));
    per.push(((performance.now() - from) * 1000) / BATCH);
  }
  const later = per.slice(per.length / 2).toSorted((a, b) => a - b);
  yield pool?.shutdown();
  return { time, memory: own, starting, job: later[later.length >> 1] };
});

console.log(JSON.stringify(await run(main())));
