// A site of many pages, crawled by each in a process of its own, one after the other: node bench.mjs [--pages <n>] [--rounds <n>]
// [--only <pattern>] [--concurrency <n>]. Each says how many pages it has had, which must be all of them, each once.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { installedVersion } from "../peers/installed.mjs";
import { startSite } from "./site.mjs";

const { values } = parseArgs({
  options: {
    pages: { type: "string", default: "20000" },
    rounds: { type: "string", default: "1" },
    concurrency: { type: "string", default: "32" },
    only: { type: "string", default: "" },
  },
});
const pages = Number(values.pages);
const rounds = Number(values.rounds);
if (!(pages >= 1 && rounds >= 1)) throw new Error("Cannot measure: --pages and --rounds must be at least 1");

const file = (name) => fileURLToPath(new URL(name, import.meta.url));
const crawlers = {
  "@tsyncio/crawl, in memory": [file("tsyncio.mjs"), "memory"],
  "@tsyncio/crawl, on disk": [file("tsyncio.mjs"), "disk"],
};
const crawlee = installedVersion("@crawlee/cheerio");
if (crawlee === undefined) console.log("Without Crawlee: npm run bench:setup fetches it");
else {
  crawlers["Crawlee, in memory"] = [file("../peers/crawl/crawlee.mjs"), "memory"];
  crawlers["Crawlee, on disk"] = [file("../peers/crawl/crawlee.mjs"), "disk"];
}

/** Runs one: what it says of itself, in a folder of its own. */
async function measure([program, mode], site) {
  const folder = mkdtempSync(join(tmpdir(), "bench-crawl-"));
  try {
    const task = { ...site, pages, mode, concurrency: Number(values.concurrency) };
    const child = spawn(process.execPath, [program, JSON.stringify(task)], {
      cwd: folder,
      env: { ...process.env, NODE_OPTIONS: "" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text) => (output += text));
    const code = await new Promise((resolve) => child.on("close", resolve));
    if (code !== 0) throw new Error(`Cannot measure ${program}: it ended with ${code}`);
    return JSON.parse(output.trim().split("\n").at(-1));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const median = (figures) => figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)];
const names = Object.keys(crawlers).filter((name) => new RegExp(values.only).test(name));
if (names.length === 0) throw new Error(`Cannot measure "${values.only}": there is no such crawler`);
const runs = new Map(names.map((name) => [name, []]));

console.log(
  `Node ${process.version} on ${cpus().length} × ${cpus()[0].model}; ${pages} pages, ${values.concurrency} at once`,
);
for (let round = 0; round < rounds; round++) {
  for (const name of names) {
    const site = await startSite(pages);
    try {
      const run = await measure(crawlers[name], site);
      const { requested, repeated } = await site.check();
      if (run.items !== pages || requested !== pages || repeated !== 0)
        throw new Error(
          `Cannot measure ${name}: ${JSON.stringify({ ...run, requested, repeated })}, expected ${pages}`,
        );
      runs.get(name).push(run);
    } finally {
      site.stop();
    }
  }
}

console.log("\n| | pages a second | CPU a page, ms | peak memory, MiB |\n|---|---:|---:|---:|");
for (const [name, figures] of runs) {
  const of = (key) => median(figures.map((run) => run[key]));
  const version = name.startsWith("Crawlee") ? ` (${crawlee})` : "";
  console.log(
    `| ${name}${version} | ${(pages / of("seconds")).toFixed(0)} | ${((of("cpu") / pages) * 1000).toFixed(2)} | ${of("memory").toFixed(0)} |`,
  );
}
