import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../../packages/crawl/test/site/main.mjs", import.meta.url));
const PAGE = /^(?:\/|\/page\/\d+)$/;

/** The generated site, plain: only pages that every crawler can get. A fresh one for each, so that its log is about one only. */
export async function startSite(pages) {
  const child = spawn(process.execPath, [program, String(pages), "--plain"], { stdio: ["pipe", "pipe", "inherit"] });
  const line = await new Promise((resolve) => child.stdout.once("data", (data) => resolve(String(data))));
  const { port, control } = JSON.parse(line);
  return {
    port,
    /** How many pages were asked for, and how many of them more than once. */
    async check() {
      const log = await (await fetch(`http://127.0.0.1:${control}/log`)).json();
      const counts = new Map();
      for (const { host, path, status } of log) {
        if (!PAGE.test(path) || status !== 200) continue;
        counts.set(host + path, (counts.get(host + path) ?? 0) + 1);
      }
      // Each page links to the front page of its host, which is one on the first host only.
      return { requested: counts.size, repeated: [...counts.values()].filter((count) => count > 1).length };
    },
    stop: () => child.kill(),
  };
}
