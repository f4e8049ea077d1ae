// TCP echo, 50 clients with messages of 1 KiB: the CPU time of the server for each message.
// node bench.mjs [--rounds <n>] [--only <pattern>] [--python <command>] [--uvloop-python <command>]
// Fresh servers in each round, all at once; they take turns with short batches, so that what else the machine does strikes all of
// them. The ratio of a turn is that of neighbours; the figures are medians over all turns.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { clients } from "./clients.mjs";

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    rounds: { type: "string", default: "3" },
    python: { type: "string", default: "python3" },
    "uvloop-python": { type: "string" },
  },
});
const only = new RegExp(values.only);
const CLIENTS = 50;
const MESSAGES = 40;
/** Turns until everything is optimised, and turns that count. */
const WARM_UP = 30;
const TURNS = 100;

const here = new URL(".", import.meta.url);
const server = new URL("server.mjs", here).pathname;
const echo = new URL("echo.py", here).pathname;
const register = ["--import", "@tsyncio/keywords/register"];
const PEERS = {
  "node:net callbacks": [process.execPath, [...register, server, "native"]],
  "tsyncio streams": [process.execPath, [...register, server, "tsyncio"]],
  "asyncio streams": [values.python, [echo, "asyncio"]],
  "asyncio streams on uvloop": [values["uvloop-python"] ?? values.python, [echo, "uvloop"]],
};

const middle = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

/** A server with its clients; undefined when it cannot be started, for want of Python, say. */
async function start([command, args]) {
  const child = spawn(command, args, { cwd: new URL("..", here), stdio: ["pipe", "pipe", "inherit"] });
  child.on("error", () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { value: port } = await lines.next();
  if (port === undefined) return undefined;
  const all = await clients(Number(port), CLIENTS);
  const used = async () => {
    child.stdin.write("\n");
    return Number((await lines.next()).value);
  };
  return {
    /** CPU microseconds of the server for each message of a batch. */
    async batch() {
      const before = await used();
      await all.exchangeAll(MESSAGES);
      return ((await used()) - before) / (CLIENTS * MESSAGES);
    },
    end() {
      all.end();
      child.kill("SIGKILL");
    },
  };
}

const names = Object.keys(PEERS).filter((name) => only.test(name));
const figures = new Map(names.map((name) => [name, []]));
for (let round = 0; round < Number(values.rounds); round++) {
  const servers = new Map();
  for (const name of names) servers.set(name, await start(PEERS[name]));
  for (let turn = 0; turn < WARM_UP + TURNS; turn++) {
    for (const [name, server] of servers) {
      const figure = await server?.batch();
      if (turn >= WARM_UP && server !== undefined) figures.get(name).push(figure);
    }
  }
  for (const server of servers.values()) server?.end();
}

const [base] = names;
console.log(
  `Node ${process.version}, CPU time of the server for each message, median of ${figures.get(base).length} turns\n`,
);
console.log(`| server | µs | of ${base} |\n|---|---:|---:|`);
for (const [name, us] of figures) {
  if (us.length === 0) continue;
  const ratio = middle(us.map((figure, turn) => figure / figures.get(base)[turn]));
  console.log(`| ${name} | ${middle(us).toFixed(2)} | ${ratio.toFixed(2)} |`);
}
