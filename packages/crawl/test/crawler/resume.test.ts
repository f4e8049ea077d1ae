import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CrawlStore } from "../../src/store/crawl-store.ts";
import { SITE_HOSTS, startSite } from "../site/start-site.ts";

const PAGES = 250;
const KILLS = 12;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "crawl-resume-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A crawl as a process of its own, which can be killed. */
function startCrawl(start: string, store: string): ChildProcess {
  const hosts = SITE_HOSTS.slice(0, 5);
  const source = `
    import { crawl } from "@tsyncio/crawl";
    import { run } from "tsyncio";
    const report = await run(crawl(${JSON.stringify({ start, store, scope: { sites: hosts, depth: 4 }, extract: { title: "h1" }, retries: 0 })}));
    console.log(report.ended);`;
  return spawn(process.execPath, ["--input-type=module", "-e", source], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    env: { ...process.env, NODE_OPTIONS: "" },
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** The code of its end, or its signal; it is killed after so many milliseconds from its first request. */
function ended(child: ChildProcess): Promise<number | NodeJS.Signals | null> {
  return new Promise((resolve) => child.on("close", (code, signal) => resolve(code ?? signal)));
}

test("killed at any moment, a crawl goes on where it was: nothing that is done is fetched again, no item is lost or doubled", async () => {
  await using site = await startSite(PAGES);
  const path = join(folder, "crawl.db");
  const done = new Set<string>();
  let kills = 0;
  let checked = 0;
  let last: { code: number | NodeJS.Signals | null; waiting: number } | null = null;
  for (let round = 0; last?.code !== 0 && round <= KILLS; round++) {
    const before = (await site.log()).length;
    const child = startCrawl(site.start, path);
    const end = ended(child);
    if (round < KILLS) {
      // In the midst of it: after some more requests than the last time.
      while ((await site.log()).length < before + 5 + round * 3 && child.exitCode === null)
        await new Promise((resolve) => setTimeout(resolve, 3));
      child.kill("SIGKILL");
    }
    const code = await end;
    const again = (await site.log()).slice(before).map(({ host, path }) => `http://${host}:${site.port}${path}`);
    expect(again.filter((url) => done.has(url))).toEqual([]);
    checked += done.size;
    using store = CrawlStore.open(path);
    const rows = store.database
      .prepare("SELECT url, (SELECT COUNT(*) FROM items WHERE items.url = urls.id) AS items FROM urls WHERE state = 1")
      .all() as { url: string; items: number }[];
    expect(rows.filter(({ items }) => items !== 1)).toEqual([]);
    for (const { url } of rows) done.add(url);
    last = { code, waiting: store.counts().waiting };
    if (code === "SIGKILL") kills++;
  }
  expect(last).toEqual({ code: 0, waiting: 0 });
  expect([kills > 3, checked > 100]).toEqual([true, true]);
  const { pages } = await site.expected();
  const own = pages.filter((url) => /127\.0\.0\.[1-5]:\d+\/(?:page\/\d+)?$/.test(url));
  expect(own.length).toBe(PAGES);
  expect(own.filter((url) => !done.has(url))).toEqual([]);
}, 120_000);
