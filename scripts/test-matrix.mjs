// npm run test:matrix [-- 22 24]: npm test on other versions of Node, fetched from npm once into temp/node.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const wanted = process.argv.length > 2 ? process.argv.slice(2) : ["22", "24"];
const platform = `${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;

/** The folder that holds the program `node` of this major version. */
function nodeOf(major) {
  const folder = join(root, "temp", "node", major);
  const bin = join(folder, "node_modules", `node-${platform}`, "bin");
  if (!existsSync(bin)) {
    mkdirSync(folder, { recursive: true });
    const options = [
      "--no-save",
      "--no-package-lock",
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
      "--loglevel=error",
    ];
    execFileSync("npm", ["install", "--prefix", folder, ...options, `node-${platform}@${major}`], { stdio: "inherit" });
  }
  return bin;
}

const failed = [];
for (const major of wanted) {
  const bin = nodeOf(major);
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env["PATH"]}` };
  const version = execFileSync(join(bin, "node"), ["--version"], { encoding: "utf8" }).trim();
  console.log(`\n══ Node ${version}`);
  const { status } = spawnSync(join(bin, "node"), ["scripts/test.mjs"], { cwd: root, env, stdio: "inherit" });
  if (status !== 0) failed.push(version);
}
console.log(failed.length ? `\nfailed on ${failed.join(", ")}` : `\npassed on Node ${wanted.join(" and ")}`);
process.exitCode = failed.length ? 1 : 0;
