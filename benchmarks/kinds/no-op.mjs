// What a job costs that does nothing, with one worker: node no-op.mjs <bare|tsyncio|tinypool|piscina|workerpool> <thread|process>
// [full|together|small]. Prints, as JSON, the microseconds of a job when 100 are under way, and when each waits for the one before; `cpu` is what
// the main thread works for one of the 100.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { load } from "../peers/installed.mjs";
import { threadCpu } from "../thread-cpu.mjs";

const [peer, kind, scale = "full"] = process.argv.slice(2);
const UNDER_WAY = 100;
/** How many jobs are in a run with 100 under way, how many where one waits for the other, how many runs. */
const [MANY, FEW, RUNS] = { full: [20_000, 2_000, 9], together: [5_000, 1, 7], small: [200, 1, 3] }[scale];
const echo = new URL("echo.mjs", import.meta.url);
const jobs = new URL("jobs.mjs", import.meta.url);

/** The channel itself: a message there, a message back, and who waits for it. */
function bare() {
  const waiting = [];
  const heard = (value) => waiting.shift()(value);
  if (kind === "thread") {
    const worker = new Worker(echo);
    worker.on("message", heard);
    const job = (x) => new Promise((resolve) => (waiting.push(resolve), worker.postMessage(x)));
    return { job, end: () => worker.terminate() };
  }
  const child = fork(fileURLToPath(echo), { serialization: "advanced" });
  child.on("message", heard);
  const job = (x) => new Promise((resolve) => (waiting.push(resolve), child.send(x)));
  return { job, end: () => child.kill() };
}

async function tinypool() {
  const { Tinypool } = await load("tinypool");
  const runtime = kind === "thread" ? "worker_threads" : "child_process";
  const options = { minThreads: 1, maxThreads: 1, concurrentTasksPerWorker: UNDER_WAY };
  const pool = new Tinypool({ filename: jobs.href, name: "noop", runtime, ...options });
  return { job: (x) => pool.run(x), end: () => pool.destroy() };
}

async function piscina() {
  const { default: Piscina } = await load("piscina");
  const options = { minThreads: 1, maxThreads: 1, concurrentTasksPerWorker: UNDER_WAY };
  const pool = new Piscina({ filename: jobs.href, name: "noop", ...options });
  return { job: (x) => pool.run(x), end: () => pool.destroy() };
}

async function workerpool() {
  const { default: library } = await load("workerpool");
  const script = fileURLToPath(new URL("../peers/io/workerpool-jobs.mjs", import.meta.url));
  const pool = library.pool(script, { minWorkers: 1, maxWorkers: 1, workerType: kind });
  return { job: (x) => pool.exec("noop", [x]), end: () => pool.terminate() };
}

/** As many promises as are to be under way, each of which waits for one job after the other. */
function withPromises({ job, end }) {
  return {
    end,
    run(count, underWay) {
      let begun = 0;
      const line = async () => {
        while (begun++ < count) await job(1);
      };
      return Promise.all(Array.from({ length: underWay }, line));
    },
  };
}

/** The same with tasks. */
async function tsyncio() {
  const { ProcessPoolExecutor, ThreadPoolExecutor, remote } = await import("@tsyncio/node");
  const { Runner, coroutine, gather } = await import("tsyncio");
  const fn = remote(jobs).noop;
  const pool = new (kind === "thread" ? ThreadPoolExecutor : ProcessPoolExecutor)({ maxWorkers: 1 });
  const line = coroutine(function* line(left) {
    while (left.count-- > 0) yield pool.submit(fn, 1);
  });
  const main = coroutine(function* main(count, underWay) {
    const left = { count };
    yield gather(Array.from({ length: underWay }, () => line(left)));
  });
  const runner = new Runner();
  return { run: (count, underWay) => runner.run(main(count, underWay)), end: () => pool.shutdown() };
}

/** The later half of several runs counts. */
function middleOfLater(figures) {
  const later = figures.slice(figures.length >> 1).toSorted((a, b) => a - b);
  return later[later.length >> 1];
}

/** Microseconds of a job, on the clock and of the main thread. */
async function perJob(run, count, underWay) {
  const times = [];
  const cpu = [];
  for (let i = 0; i < RUNS; i++) {
    const start = performance.now();
    const before = threadCpu();
    await run(count, underWay);
    cpu.push((threadCpu() - before) / 1000 / count);
    times.push(((performance.now() - start) * 1000) / count);
  }
  return { time: middleOfLater(times), cpu: middleOfLater(cpu) };
}

const { run, end } =
  peer === "tsyncio" ? await tsyncio() : withPromises(await { bare, tinypool, piscina, workerpool }[peer]());
await run(1, 1);
const together = await perJob(run, MANY, UNDER_WAY);
const alone = await perJob(run, FEW, 1);
console.log(JSON.stringify({ together: together.time, alone: alone.time, cpu: together.cpu }));
await end();
// Some of these pools leave something behind that would keep the process.
process.exit();
