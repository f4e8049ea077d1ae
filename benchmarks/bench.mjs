// The door to the benchmarks: node bench.mjs [--only <folder>] [options of that one]. Without a folder it is scheduling.
import { fileURLToPath } from "node:url";
import { spawnSync } from "node:child_process";

const FOLDERS = new Set(["scheduling", "io", "kinds", "growth", "latency", "observers", "choices"]);

const args = process.argv.slice(2);
const at = args.findIndex((arg, i) => args[i - 1] === "--only" && FOLDERS.has(arg));
const folder = at < 0 ? "scheduling" : args[at];
if (at >= 0) args.splice(at - 1, 2);

const program = fileURLToPath(new URL(`${folder}/bench.mjs`, import.meta.url));
const { status } = spawnSync(process.execPath, [program, ...args], { stdio: "inherit" });
process.exitCode = status ?? 1;
