// Runs one program of generators/ with its types stripped and nothing else done to it: node run-generators.mjs <file>
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import { transformSync } from "esbuild";

const file = process.argv[2];
const { code } = transformSync(readFileSync(file, "utf8"), {
  loader: "ts",
  target: "es2022",
  sourcemap: "inline",
  sourcefile: file,
});
// Inside the repository, so that "tsyncio" is found.
const folder = new URL("../../temp/generators/", import.meta.url);
mkdirSync(folder, { recursive: true });
const stripped = new URL(`${basename(file, ".ts")}.${process.pid}.mjs`, folder);
writeFileSync(stripped, code);
try {
  await import(pathToFileURL(stripped.pathname).href);
} finally {
  rmSync(stripped);
}
