// node scripts/complete-lockfile.mjs: enters into package-lock.json the platform builds that npm left out.
//
// Native packages name one optional dependency a platform. npm leaves out of the lock file those that the registry at hand
// does not have (a mirror that lags is enough), and `npm ci` then refuses the file. Their versions are pinned by the package
// that names them and npm skips them on other platforms, so the entries can be written without the registry.
import { readFileSync, writeFileSync } from "node:fs";

const PLATFORM =
  /(android|darwin|freebsd|linux|openharmony|win32)-(arm64|arm|ia32|x64|ppc64|riscv64|s390x)(?:-(\w+))?$/;
const EXACT = /^\d+\.\d+\.\d+/;

const file = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(file, "utf8"));
const { "": root, ...packages } = lock.packages;

/** Where Node finds `name` from the package at `path`, or undefined. */
function resolve(path, name) {
  for (let at = path; ; at = at.slice(0, Math.max(at.lastIndexOf("/node_modules/"), 0))) {
    const place = `${at ? `${at}/` : ""}node_modules/${name}`;
    if (place in packages) return place;
    if (!at) return undefined;
  }
}

function entry({ dev, license, engines }, version, [, os, cpu, variant = ""]) {
  const libc = os === "linux" && cpu !== "arm" ? { libc: [variant.includes("musl") ? "musl" : "glibc"] } : {};
  return {
    version,
    cpu: [cpu],
    ...(dev && { dev }),
    ...libc,
    ...(license && { license }),
    optional: true,
    os: [os],
    ...(engines && { engines }),
  };
}

let added = 0;
for (const [path, parent] of Object.entries(packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    const platform = PLATFORM.exec(name);
    const found = resolve(path, name);
    if (!platform || !EXACT.test(version) || (found && packages[found].version === version)) continue;
    // Beside the package that names it: nearer than any other version of it.
    const place = `${path.slice(0, path.lastIndexOf("node_modules/"))}node_modules/${name}`;
    packages[place in packages ? `${path}/node_modules/${name}` : place] = entry(parent, version, platform);
    added += 1;
  }
}
const sorted = Object.entries(packages).toSorted(([a], [b]) => (a < b ? -1 : 1));
lock.packages = { "": root, ...Object.fromEntries(sorted) };
if (added > 0) writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} entries added to package-lock.json`);
