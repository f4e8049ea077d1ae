// What npm would publish, looked at as a user's tools look at it: publint and "are the types wrong".
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { step } from "./steps.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const tarballs = join(root, "temp", "packed");

let ok = true;
for (const name of readdirSync(join(root, "packages"))) {
  const folder = join(root, "packages", name);
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  rmSync(tarballs, { recursive: true, force: true });
  mkdirSync(tarballs, { recursive: true });
  execFileSync("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", tarballs], { cwd: folder });
  const [tarball] = readdirSync(tarballs);
  const checks = [await step(`publint of ${manifest.name}`, `publint run --strict "${join(tarballs, tarball)}"`)];
  if ("." in manifest.exports) {
    checks.push(
      await step(`types of ${manifest.name}`, `attw "${join(tarballs, tarball)}" --profile esm-only --format ascii`),
    );
  }
  ok &&= checks.every((check) => check.ok);
}
process.exitCode = ok ? 0 : 1;
