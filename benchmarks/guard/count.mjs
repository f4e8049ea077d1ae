import { spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { readLog } from "./v8-log.mjs";

const PROBE = fileURLToPath(new URL("probe.mjs", import.meta.url));
const FLAGS = [
  // Code is optimised when it is due, not when a busy machine gets to it.
  "--single-threaded",
  // Room for all that is allocated: with one collection on the way, and be it during the warm-up, V8 decides differently each time.
  "--min-semi-space-size=256",
  "--max-semi-space-size=256",
  // Collects when a process has run for some seconds, as it does on a busy machine.
  "--no-memory-reducer",
  "--expose-gc",
  "--import=@tsyncio/keywords/register",
];

/**
 * The counts of one workload, made in a process of its own.
 *
 * @param {{ module: string, name: string, size: number, held?: boolean }} workload `module` exports a coroutine function by
 *   this name, which is called with `size` and gives how many operations it did; with `held`, it is also called with a function
 *   that tells the heap in use, and gives how much of it each operation holds.
 * @returns {Promise<import("./compare.mjs").Counts>}
 */
export async function count(workload) {
  const folder = await mkdtemp(join(tmpdir(), "tsyncio-guard-"));
  try {
    const result = join(folder, "result.json");
    // To tell what is held garbage is collected, with which code goes too: nothing to log.
    const logging = workload.held ? [] : ["--log-deopt", "--log-ic", `--logfile=${join(folder, "v8.log")}`];
    const program = [...FLAGS, ...logging, PROBE, JSON.stringify(workload), result];
    // V8 writes the deoptimisations to stdout too.
    const child = spawn(process.execPath, program, { cwd: dirname(PROBE), stdio: ["ignore", "ignore", "inherit"] });
    const [code] = await once(child, "close");
    if (code !== 0) throw new Error(`Cannot count "${workload.name}": its process ended with ${code}`);
    const counts = JSON.parse(await readFile(result, "utf8"));
    // Each thread has a log of its own, and the loader may have a thread.
    const logs = (await readdir(folder)).filter((file) => file.endsWith("v8.log"));
    const read = await Promise.all(logs.map((file) => readLog(createInterface(createReadStream(join(folder, file))))));
    return { ...counts, ...read.find((counted) => counted !== undefined) };
  } finally {
    await rm(folder, { recursive: true });
  }
}
