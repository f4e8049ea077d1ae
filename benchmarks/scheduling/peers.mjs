import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { installedVersion } from "../peers/installed.mjs";
import { workloads } from "./workloads.mjs";

const run = promisify(execFile);
const path = (file) => fileURLToPath(new URL(file, import.meta.url));
/** What takes longer is left out: a peer that grows quadratically, on a busy machine. */
const LONGEST = 300_000;

const ours = (file, flags = []) => ({
  programs: [process.execPath],
  args: ["--expose-gc", ...flags, path("measure.mjs"), path(file)],
});

const fetched = (name) => ({
  ...ours(`../peers/scheduling/${name}.mjs`),
  // Node may find another version further up, which something else has brought along.
  ...(installedVersion(name) === undefined && { programs: [] }),
  wayOut: "npm run bench:setup fetches it",
});

const python = (name) => ({
  args: [path("python/measure.py"), name],
  describe: (names) => JSON.stringify(Object.fromEntries(names.map((name) => [name, workloads[name]]))),
  wayOut: "no Python that has it; --python <command> names one, more than once if need be",
});

/** What can be measured, in the order of the table; the first is what the others are compared with. */
const PEERS = {
  native: ours("native.mjs"),
  tsyncio: ours("tsyncio.ts", ["--import", "@tsyncio/keywords/register"]),
  "tsyncio-generators": ours("tsyncio-generators.mjs"),
  effect: fetched("effect"),
  effection: fetched("effection"),
  bluebird: fetched("bluebird"),
  co: fetched("co"),
  asyncio: python("asyncio"),
  uvloop: python("uvloop"),
  trio: python("trio"),
  "p-limit": fetched("p-limit"),
  "p-map": fetched("p-map"),
  "p-queue": fetched("p-queue"),
  "async-sema": fetched("async-sema"),
  "async-mutex": fetched("async-mutex"),
};

export const names = Object.keys(PEERS);

const isMissing = ({ code, stderr }) =>
  code === "ENOENT" || /ERR_MODULE_NOT_FOUND|ModuleNotFoundError|No such file/.test(stderr);

/** The answer of a program of `measure`, which is JSON. */
async function ask(program, args) {
  const { stdout } = await run(program, args, { cwd: path(".."), maxBuffer: 2 ** 26, timeout: LONGEST });
  return JSON.parse(stdout);
}

/**
 * A peer that can be measured: its version, its workloads, and `measure`, which gives the figures of some of them from one
 * fresh process; or why it cannot be. Of several Pythons the first that has it is taken.
 */
export async function prepare(name, pythons = ["python3"]) {
  const { programs = pythons, args, describe, wayOut } = PEERS[name];
  const words = (names) => (describe === undefined ? names : [describe(names)]);
  for (const program of programs) {
    try {
      const { version, workloads: had } = await ask(program, [...args, "list", ...words(Object.keys(workloads))]);
      const measure = (scale, names) => ask(program, [...args, scale, ...words(names)]);
      return {
        name,
        version: version ?? installedVersion(name),
        workloads: had,
        measure,
      };
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
  return { name, missing: wayOut };
}
