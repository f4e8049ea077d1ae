// What npm publishes is one file per door for Node: to load a file costs a start-up more than half a millisecond, and the core
// has eighty. `prepack` runs this in the folder of a package, `postpack` runs it with --undo. In the repository the doors of
// Node (src/single*.ts) only lead on to the others, so that what `tsc -b` writes is always what runs.
import { cpSync, existsSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

/** Package → the files that are made, each with the module that it begins with. */
const FILES = {
  tsyncio: { single: "index", "single-runtime": "runtime" },
  "@tsyncio/node": {
    single: "index",
    "single-thread-main": "executor/worker/thread-main",
    "single-process-main": "executor/worker/process-main",
  },
};

const made = (dist) => readdirSync(dist).filter((file) => /^single[^.]*\.js(?:\.map)?$/.test(file));
/** Where what `tsc -b` wrote waits meanwhile. */
const aside = (dist, file) => join(dist, `.${file}`);

function undo(dist) {
  for (const file of made(dist)) {
    if (existsSync(aside(dist, file))) renameSync(aside(dist, file), join(dist, file));
    else rmSync(join(dist, file));
  }
}

async function make(folder, dist) {
  const { name } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const input = Object.fromEntries(
    Object.entries(FILES[name]).map(([file, module]) => [file, join(dist, `${module}.js`)]),
  );
  for (const file of made(dist)) renameSync(join(dist, file), aside(dist, file));
  const bundle = await rolldown({ input, platform: "node", external: [/^node:/, /^tsyncio\b/] });
  await bundle.write({
    dir: dist,
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "single-[hash].js",
    sourcemap: true,
    // Names of functions and classes stand in messages: those of variables in functions get shorter, others stay.
    minify: {
      mangle: { toplevel: false, keepNames: true },
      compress: { keepNames: { function: true, class: true } },
      codegen: true,
    },
  });
  await bundle.close();
}

/** Makes the files of the package in a folder, which is built; or takes them away again. */
async function singleFiles(folder, { away = false } = {}) {
  const dist = join(folder, "dist");
  // One that was broken off has left something behind.
  if (existsSync(aside(dist, "single.js"))) undo(dist);
  if (away) return;
  try {
    await make(folder, dist);
  } catch (error) {
    undo(dist);
    throw error;
  }
}

/** Installs the packages into `target/node_modules`, as they are published. */
export async function install(target) {
  for (const [name, folder] of [
    ["tsyncio", "core"],
    ["@tsyncio/node", "node"],
  ]) {
    const from = fileURLToPath(new URL(`../packages/${folder}/`, import.meta.url));
    const to = join(target, "node_modules", name);
    rmSync(to, { recursive: true, force: true });
    for (const part of ["package.json", "dist"]) cpSync(join(from, part), join(to, part), { recursive: true });
    await singleFiles(to);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await singleFiles(process.cwd(), { away: process.argv.includes("--undo") });
