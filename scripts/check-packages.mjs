// What npm would publish, looked at as a user's tools look at it: publint, "are the types wrong", and a compiler that checks
// declarations of libraries too.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { step } from "./steps.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const tarballs = join(root, "temp", "packed");
const COMPILER_OPTIONS =
  "--ignoreConfig --noEmit --strict --skipLibCheck false --module nodenext --target es2022 --lib es2023,esnext.disposable --types node";

let ok = true;
for (const name of readdirSync(join(root, "packages"))) {
  const folder = join(root, "packages", name);
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  rmSync(tarballs, { recursive: true, force: true });
  mkdirSync(tarballs, { recursive: true });
  execFileSync("npm", ["pack", "--silent", "--pack-destination", tarballs], { cwd: folder });
  const [tarball] = readdirSync(tarballs);
  const checks = [await step(`publint of ${manifest.name}`, `publint run --strict "${join(tarballs, tarball)}"`)];
  if ("." in manifest.exports) {
    checks.push(
      await step(`types of ${manifest.name}`, `attw "${join(tarballs, tarball)}" --profile esm-only --format ascii`),
    );
  }
  const doors = Object.values(manifest.exports).flatMap(({ types }) => (types ? [join(folder, types)] : []));
  if (doors.length > 0) {
    // Faults of dependencies' declarations (peers that are not installed) are not ours.
    const command = `tsc ${COMPILER_OPTIONS} ${doors.join(" ")} | { ! grep "^packages/"; }`;
    checks.push(await step(`declarations of ${manifest.name}`, command));
  }
  ok &&= checks.every((check) => check.ok);
}
process.exitCode = ok ? 0 : 1;
