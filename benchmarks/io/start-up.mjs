// What it costs to load a package: CPU time of a program that imports it and ends, of all its threads, beside one that imports
// nothing. Ours are installed as they are published. Fresh processes, in turn.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { install } from "../../scripts/single-file.mjs";
import { installedVersion } from "../peers/installed.mjs";
import { pythonWith } from "./python.mjs";
import { row } from "./row.mjs";

const start = promisify(execFile);
const BASE = "bare node";
/** What a program prints when it ends. */
const REPORT = `process.on("exit", () => {
  const { user, system } = process.cpuUsage();
  console.log((user + system) / 1e3);
});`;
const PYTHON = `import resource
usage = resource.getrusage(resource.RUSAGE_SELF)
print((usage.ru_utime + usage.ru_stime) * 1e3)`;

const node = (folder, imports) => [
  process.execPath,
  ["--input-type=module", "--eval", `${imports.map((name) => `import ${JSON.stringify(name)};`).join(" ")} ${REPORT}`],
  { cwd: folder },
];

function programs(ours, pythons) {
  const peersFolder = fileURLToPath(new URL("../peers/", import.meta.url));
  const programs = {
    [BASE]: node(ours, []),
    tsyncio: node(ours, ["tsyncio"]),
    "@tsyncio/node": node(ours, ["@tsyncio/node"]),
  };
  if (installedVersion("effection") !== undefined) programs.effection = node(peersFolder, ["effection"]);
  if (installedVersion("effect") !== undefined) {
    programs["effect (its Effect module)"] = node(peersFolder, ["effect/Effect"]);
    programs["effect (all)"] = node(peersFolder, ["effect"]);
  }
  const python = pythonWith("asyncio", pythons);
  if (python !== undefined) programs.asyncio = [python, ["-c", `import asyncio\n${PYTHON}`], {}];
  return programs;
}

export async function startUp({ rounds, small, pythons, only }) {
  if (!only.test("start-up")) return [];
  const folder = mkdtempSync(join(tmpdir(), "tsyncio-start-up-"));
  try {
    await install(folder);
    const all = programs(folder, pythons);
    const figures = new Map(Object.keys(all).map((name) => [name, []]));
    for (let turn = small ? 2 : 8 * rounds; turn > 0; turn--) {
      for (const [name, [program, args, options]] of Object.entries(all)) {
        const { stdout } = await start(program, args, options);
        figures.get(name).push(Number(stdout));
      }
    }
    const without = (name) => new Map([...figures].filter(([peer]) => peer !== name));
    return [
      row("start-up, core", { base: BASE, ours: "tsyncio", target: 1.15, unit: "ms" }, without("@tsyncio/node")),
      row("start-up, node", { base: BASE, ours: "@tsyncio/node", target: 1.5, unit: "ms" }, without("tsyncio")),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
