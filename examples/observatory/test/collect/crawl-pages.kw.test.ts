import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CancelledError, createTask, gather, run, sleep } from "tsyncio";
import { afterAll, afterEach, expect, test } from "vitest";
import { type CrawlPagesOptions, crawlPages } from "../../src/collect/crawl-pages.ts";
import { openClient } from "../../src/collect/open-client.ts";
import { Tally } from "../../src/collect/tally.ts";
import { Content } from "../../src/site/content.ts";
import { loadMeasurements } from "../../src/site/measurements.ts";
import { Site } from "../../src/site/site.ts";
import { earthquakes } from "../../src/sources/earthquakes.ts";
import { Store } from "../../src/store/store.ts";

const BASE = "http://observatory.example";
const content = new Content(loadMeasurements(120), { api: 10, list: 20 });
const folder = mkdtempSync(join(tmpdir(), "observatory-crawl-"));
afterAll(() => rmSync(folder, { recursive: true }));

let site: Site | undefined;
afterEach(() => site?.close());

/** A site, and what crawls it into the store and the frontier. */
async function crawling(store: Store, frontier: string | null, seed?: string): Promise<CrawlPagesOptions> {
  "native async";
  const plenty = { rate: 100_000, burst: 100_000 };
  site = await Site.open(content, { seed, pages: plenty });
  const tally = new Tally();
  const timeout = seed === undefined ? "20s" : "2s";
  const client = openClient({
    tally,
    concurrency: 50,
    timeout,
    retries: 0,
    learnLimits: false,
    base: BASE,
    origin: site.origin,
  });
  const starts = [{ source: "earthquakes", url: `${BASE}/earthquakes` }];
  return { starts, sources: [earthquakes], store, tally, client, frontier, concurrency: 50 };
}

test("Pages are crawled, and their records are stored once.", () =>
  run(async () => {
    using store = Store.open(":memory:", [earthquakes]);
    const options = await crawling(store, null);
    await crawlPages(options);
    const { tally } = options;
    expect([store.count("earthquakes"), store.openJobs(), tally.records.get("earthquakes")]).toEqual([120, [], 120]);
    // One more request: for robots.txt.
    expect([tally.jobs, tally.failed, tally.retries, tally.requests]).toEqual([
      store.doneJobs().length,
      0,
      0,
      tally.jobs + 1,
    ]);
  }));

test("Faults on the way change nothing.", { timeout: 30_000 }, () =>
  run(async () => {
    using store = Store.open(":memory:", [earthquakes]);
    const options = await crawling(store, null, "faulty");
    await crawlPages(options);
    expect([store.count("earthquakes"), options.tally.failed]).toEqual([120, 0]);
    expect(options.tally.retries).toBeGreaterThan(0);
    const known = /^(5\d\d .*|timeout|connection closed|the page is not whole)$/;
    for (const kind of options.tally.troubles.keys()) expect(kind).toMatch(known);
  }),
);

test.each([100, 300, 700])(
  "Cancelled after %i ms, it keeps what it has; then it goes on, at another port.",
  { timeout: 30_000 },
  (milliseconds) =>
    run(async () => {
      using store = Store.open(":memory:", [earthquakes]);
      const frontier = join(folder, `${milliseconds}.crawl`);
      const first = await crawling(store, frontier, "slow");
      const task = createTask(crawlPages(first));
      await sleep(milliseconds);
      task.cancel();
      const [outcome] = await gather([task], { returnExceptions: true });
      const done = store.doneJobs().length;
      expect([outcome instanceof CancelledError, first.tally.inFlight.now, done]).toEqual([true, 0, first.tally.jobs]);
      await site!.close();
      const second = await crawling(store, frontier, "slow");
      await crawlPages(second);
      expect(store.count("earthquakes")).toBe(120);
      // A page that was stored, and not yet marked in the frontier, has come again.
      const rest = store.doneJobs().length - done;
      expect(second.tally.jobs).toBeGreaterThanOrEqual(rest);
      expect(second.tally.jobs).toBeLessThanOrEqual(rest + 50);
    }),
);
