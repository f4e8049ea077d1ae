// A job that does nothing, on a thread and on a process, with one worker and 100 jobs under way: the CPU time that it takes of the
// main thread. The program that measures is that of kinds/.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { installedVersion } from "../peers/installed.mjs";
import { row } from "./row.mjs";

const program = fileURLToPath(new URL("../kinds/no-op.mjs", import.meta.url));

const ROWS = [
  { kind: "thread", base: "postMessage and promise", target: 1.5, pools: ["tinypool", "piscina", "workerpool"] },
  { kind: "process", base: "IPC of fork and promise", target: 1, pools: ["tinypool", "workerpool"] },
];

async function cpuOf(peer, kind, scale) {
  const { stdout } = await promisify(execFile)(process.execPath, [program, peer, kind, scale]);
  return JSON.parse(stdout).cpu;
}

export async function jobs({ rounds, small, only }) {
  const rows = [];
  for (const { kind, base, target, pools } of ROWS) {
    const name = `${kind}, a job that does nothing`;
    if (!only.test(name)) continue;
    const peers = { [base]: "bare", tsyncio: "tsyncio" };
    for (const pool of pools) if (installedVersion(pool) !== undefined) peers[pool] = pool;
    const figures = new Map(Object.keys(peers).map((peer) => [peer, []]));
    for (let round = 0; round < rounds; round++)
      for (const [peer, of] of figures) of.push(await cpuOf(peers[peer], kind, small ? "small" : "together"));
    rows.push(row(name, { base, ours: "tsyncio", target }, figures));
  }
  return rows;
}
