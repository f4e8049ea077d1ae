// How long an answer and a timer take while a crowd of tasks gives way: node bench.mjs [--seconds <n>] [--python <program>]
// The client of the echo server is a process of its own, which wants CPU as well.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "10" },
    python: { type: "string", default: "python3" },
    tasks: { type: "string", default: "1000" },
  },
});
const crowd = Number(values.tasks);

const CROWDS = [
  { title: "nobody", tasks: 0, work: 0 },
  { title: `${crowd} tasks give way`, tasks: crowd, work: 0 },
  { title: `${crowd} tasks work 5 µs, then give way`, tasks: crowd, work: 5 },
  { title: `${crowd} tasks work 50 µs, then give way`, tasks: crowd, work: 50 },
];

const here = new URL(".", import.meta.url).pathname;
const PROGRAMS = {
  tsyncio: [process.execPath, "--import", "@tsyncio/keywords/register", `${here}crowd.ts`],
  asyncio: [values.python, `${here}crowd.py`],
};

function start([program, ...args]) {
  const child = spawn(program, args, { cwd: here, stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`Cannot measure: ${program} ${args.join(" ")} has ended too early`);
    return value;
  };
  return { child, line };
}

async function measure(program, { tasks, work }) {
  const server = start([...program, String(tasks), String(work)]);
  const client = start([process.execPath, `${here}client.mjs`, await server.line(), values.seconds]);
  const [echo, timer] = await Promise.all([client.line(), server.line()]);
  return { echo: JSON.parse(echo), timer: JSON.parse(timer) };
}

async function isThere(program) {
  const child = spawn(program, ["-c", ""], { stdio: "ignore" });
  return await once(child, "close").then(
    ([code]) => code === 0,
    () => false,
  );
}

const ROWS = { p50: 0.5, p99: 0.99, max: 1 };

function quantiles(milliseconds) {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  return Object.values(ROWS)
    .map((q) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))].toFixed(1))
    .join(" | ");
}

console.log(`Node ${process.version}, milliseconds: how long an answer takes, how late a timer of 10 ms is.\n`);
console.log(
  `| beside it | | ${["echo", "timer"].flatMap((what) => Object.keys(ROWS).map((q) => `${what} ${q}`)).join(" | ")} |`,
);
console.log("|---|---|---:|---:|---:|---:|---:|---:|");
for (const [name, program] of Object.entries(PROGRAMS)) {
  if (name === "asyncio" && !(await isThere(values.python))) {
    console.log(`\nWithout asyncio: there is no ${values.python}.`);
    break;
  }
  for (const crowd of CROWDS) {
    const { echo, timer } = await measure(program, crowd);
    console.log(`| ${crowd.title} | ${name} | ${quantiles(echo)} | ${quantiles(timer)} |`);
  }
}
