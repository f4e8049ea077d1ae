// The size of the core in a program, minified and gzipped, beside that of other runtimes.
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { installedVersion } from "../peers/installed.mjs";

const file = (path) => fileURLToPath(new URL(path, import.meta.url));
const CORE = file("../../packages/core/dist/index.js");

const ROWS = {
  "size, everything": { contents: `export * from ${JSON.stringify(CORE)};`, target: 14 },
  "size, `run, sleep, createTask, gather`": {
    contents: `export { run, sleep, createTask, gather } from ${JSON.stringify(CORE)};`,
    target: 6,
  },
};

/** The least program of each that runs tasks. */
const PEERS = {
  effect: `import { Effect } from "effect"; Effect.runFork(Effect.all([Effect.sleep(1)], { concurrency: 2 }));`,
  effection: `import { all, main, sleep, spawn } from "effection"; main(function* () { yield* all([sleep(1), yield* spawn(() => sleep(1))]); });`,
};

/** Kilobytes of a program. */
async function kilobytes(contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: file("../peers/") },
    bundle: true,
    minify: true,
    external: ["node:*"],
    format: "esm",
    write: false,
    logLevel: "error",
  });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length / 1000;
}

export async function size({ only }) {
  const names = Object.keys(ROWS).filter((name) => only.test(name));
  if (names.length === 0) return [];
  const others = [];
  for (const [name, contents] of Object.entries(PEERS))
    if (installedVersion(name) !== undefined) others.push([`${name}, minimal`, await kilobytes(contents)]);
  return Promise.all(
    names.map(async (name) => ({
      name,
      base: "kB",
      ours: await kilobytes(ROWS[name].contents),
      target: ROWS[name].target,
      others,
    })),
  );
}
