// GETs of 1 KiB over loopback, 50 at once: the CPU time that one takes of the client's main thread, and the time that passes. Fresh
// clients in each round, all with the same server; they take turns with short batches, so that what else the machine does strikes
// all of them.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { installedVersion } from "../peers/installed.mjs";
import { listen } from "./http/server.mjs";
import { pythonWith } from "./python.mjs";
import { row } from "./row.mjs";

const BASE = "undici.request";
const OURS = "tsyncio";
/** As it is asked for, the other way round: at least 0.85 of undici's own requests in a second. */
const TARGET = 1.18;
const ROWS = ["HTTP GET, CPU", "HTTP GET, time"];

const file = (name) => fileURLToPath(new URL(name, import.meta.url));
const onNode = (module) => [
  process.execPath,
  ["--import", "@tsyncio/keywords/register", file("http/client.mjs"), module],
];

function peersOf(pythons) {
  const peers = {
    [BASE]: onNode("undici-request.mjs"),
    [OURS]: onNode("tsyncio.ts"),
    "undici.dispatch": onNode("undici-dispatch.mjs"),
    "node:http": onNode("node-http.mjs"),
    fetch: onNode("fetch.mjs"),
  };
  for (const library of ["got", "axios", "ky"])
    if (installedVersion(library) !== undefined) peers[library] = onNode(`../../peers/io/${library}-http.mjs`);
  for (const library of ["aiohttp", "httpx"]) {
    const python = pythonWith(library, pythons);
    if (python !== undefined) peers[library] = [python, [file("http/python.py"), library]];
  }
  return peers;
}

/** A client that is ready. */
async function start([command, args], origin) {
  const child = spawn(command, [...args, origin], { cwd: file(".."), stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  if ((await lines.next()).done) throw new Error(`Cannot measure: ${args.join(" ")} ended before it began`);
  return {
    /** Microseconds for each request of a batch: of CPU, and of time. */
    async batch(workers, requests) {
      child.stdin.write(`${workers} ${requests}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`Cannot measure: ${args.join(" ")} has failed`);
      return value.split(" ").map((nanoseconds) => Number(nanoseconds) / 1e3 / (workers * requests));
    },
    end: () => child.kill("SIGKILL"),
  };
}

export async function http({ rounds, small, pythons, only }) {
  if (!ROWS.some((name) => only.test(name))) return [];
  // Turns until everything is optimised, and turns that count.
  const [workers, requests, warmUp, turns] = small ? [5, 5, 0, 3] : [50, 20, 20, 40];
  const peers = peersOf(pythons);
  const figures = ROWS.map(() => new Map(Object.keys(peers).map((name) => [name, []])));
  const server = await listen();
  for (let round = 0; round < rounds; round++) {
    const clients = new Map();
    try {
      for (const name of Object.keys(peers)) clients.set(name, await start(peers[name], server.origin));
      for (let turn = 0; turn < warmUp + turns; turn++) {
        for (const [name, client] of clients) {
          const both = await client.batch(workers, requests);
          if (turn >= warmUp) both.forEach((figure, i) => figures[i].get(name).push(figure));
        }
      }
    } finally {
      for (const client of clients.values()) client.end();
    }
  }
  server.end();
  return ROWS.map((name, i) => [name, row(name, { base: BASE, ours: OURS, target: TARGET }, figures[i])])
    .filter(([name]) => only.test(name))
    .map(([, figure]) => figure);
}
