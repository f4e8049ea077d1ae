// The kinds of concurrency side by side, and what a job costs: node bench.mjs [--rounds <n>] [--only <pattern>]
// Every figure comes from a fresh process, the peers in turn; the median of the rounds counts.
import { execFile } from "node:child_process";
import { createServer } from "node:net";
import { availableParallelism, cpus } from "node:os";
import { parseArgs, promisify } from "node:util";
import { installedVersion } from "../peers/installed.mjs";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    only: { type: "string", default: "" },
  },
});
const only = new RegExp(values.only);
const here = new URL(".", import.meta.url);
const start = promisify(execFile);

const KINDS = ["async", "threads", "processes"];
const NO_OPS = {
  "a thread: bare `worker_threads`": ["bare", "thread"],
  "a thread: ThreadPoolExecutor": ["tsyncio", "thread"],
  "a thread: tinypool": ["tinypool", "thread"],
  "a thread: piscina": ["piscina", "thread"],
  "a process: bare `fork`": ["bare", "process"],
  "a process: ProcessPoolExecutor": ["tsyncio", "process"],
  "a process: tinypool": ["tinypool", "process"],
};

/** What a program prints: its figures. */
async function figures(program, ...args) {
  const { stdout } = await start(process.execPath, [new URL(program, here).pathname, ...args]);
  return JSON.parse(stdout);
}

const middle = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

/** The medians of what several rounds of the same give. */
function medians(results) {
  return Object.fromEntries(Object.keys(results[0]).map((key) => [key, middle(results.map((result) => result[key]))]));
}

/** Each case in turn, round by round. */
async function measure(cases) {
  const results = cases.map(() => []);
  for (let round = 0; round < Number(values.rounds); round++)
    for (const [i, one] of cases.entries()) results[i].push(await one());
  return results.map(medians);
}

function table(head, rows) {
  const align = head.map((_, i) => (i === 0 ? "---" : "---:"));
  for (const row of [head, align, ...rows]) console.log(`| ${row.join(" | ")} |`);
  console.log();
}

// What the I/O-bound job asks: it answers each connection after 50 ms.
const server = createServer((socket) => {
  socket.on("error", () => {});
  setTimeout(() => socket.end("answer"), 50);
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address();

console.log(
  `Node ${process.version}, ${availableParallelism()} processors (${cpus()[0].model}), median of ${values.rounds} rounds\n`,
);

const WORKLOADS = {
  io: ["200 questions to a server that answers after 50 ms", [200]],
  cpu: ["64 times the primes below 300,000", [64]],
};
for (const [workload, [title, [jobs]]] of Object.entries(WORKLOADS)) {
  if (!only.test(workload)) continue;
  console.log(`${title}\n`);
  const rows = await measure(
    KINDS.map((kind) => () => figures("kind.mjs", kind, workload, String(jobs), String(port))),
  );
  table(
    ["kind", "time, ms", "memory, MB", "start of a worker, ms", "cost of a job, µs"],
    rows.map(({ time, memory, starting, job }, i) => [
      KINDS[i],
      time.toFixed(0),
      memory.toFixed(0),
      starting.toFixed(0),
      job.toFixed(1),
    ]),
  );
}

if (only.test("noop")) {
  const cases = [];
  for (const [name, [peer, kind]] of Object.entries(NO_OPS)) {
    const version = peer === "bare" || peer === "tsyncio" ? "" : installedVersion(peer);
    if (version === undefined) console.log(`Without ${peer}: npm run bench:setup fetches it`);
    else cases.push([`${name} ${version}`.trim(), [peer, kind]]);
  }
  console.log("a job that does nothing, one worker\n");
  const rows = await measure(
    cases.map(
      ([, [peer, kind]]) =>
        () =>
          figures("no-op.mjs", peer, kind),
    ),
  );
  table(
    ["on", "100 at a time, µs a job", "one at a time, µs a job"],
    rows.map(({ together, alone }, i) => [cases[i][0], together.toFixed(1), alone.toFixed(0)]),
  );
}
server.close();
