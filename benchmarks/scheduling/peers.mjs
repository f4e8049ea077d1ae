import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const path = (file) => fileURLToPath(new URL(file, import.meta.url));

const NODE = [process.execPath, "--expose-gc"];
const KEYWORDS = ["--import", "@tsyncio/keywords/register"];

const ours = (file, flags = []) => ({ command: [...NODE, ...flags, path("measure.mjs"), path(file)] });

/** What can be measured, in the order of the table; the first is what the others are compared with. */
const PEERS = {
  native: ours("native.mjs"),
  tsyncio: ours("tsyncio.ts", KEYWORDS),
  "tsyncio-generators": ours("tsyncio-generators.mjs"),
};

export const names = Object.keys(PEERS);

/** What a peer can do: what it calls itself, its workloads, and the figures of each; or why it cannot. */
export async function prepare(name) {
  const { command } = PEERS[name];
  const [program, ...args] = command;
  const measure = async (...words) => {
    const { stdout } = await run(program, [...args, ...words], { cwd: path(".."), maxBuffer: 2 ** 26 });
    return JSON.parse(stdout);
  };
  try {
    const { version, workloads } = await measure("list");
    return { name, version, workloads, measure };
  } catch (error) {
    const missing = error.code === "ENOENT" || /ERR_MODULE_NOT_FOUND|ModuleNotFoundError/.test(error.stderr);
    if (!missing) throw error;
    return { name, missing: "it is not installed" };
  }
}
