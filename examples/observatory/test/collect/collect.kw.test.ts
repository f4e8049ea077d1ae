import { CancelledError, createTask, gather, run, sleep } from "tsyncio";
import { afterEach, expect, test } from "vitest";
import { collect } from "../../src/collect/collect.ts";
import { Fetcher } from "../../src/collect/fetcher.ts";
import { openClient } from "../../src/collect/open-client.ts";
import { Tally } from "../../src/collect/tally.ts";
import { Content } from "../../src/site/content.ts";
import { loadMeasurements } from "../../src/site/measurements.ts";
import { Site } from "../../src/site/site.ts";
import { airports, routes } from "../../src/sources/api.ts";
import { Store } from "../../src/store/store.ts";

const SOURCES = [routes, airports];
const STARTS = [
  { source: "routes", url: "/api/v1/routes?page=1" },
  { source: "airports", url: "/api/v1/airports?page=1" },
];
const content = new Content(loadMeasurements(150), { api: 2, list: 20 });

let site: Site | undefined;
afterEach(() => site?.close());

/** A site and who collects it. Without a seed there are no faults. */
async function observation(seed?: string) {
  "native async";
  const plenty = { rate: 100_000, burst: 100_000 };
  site = await Site.open(content, { seed, api: plenty, pages: plenty });
  const tally = new Tally();
  const client = openClient({ tally, concurrency: 50, timeout: seed === undefined ? "20s" : "2s", base: site.origin });
  const fetcher = new Fetcher(client, SOURCES, tally);
  const store = Store.open(":memory:", SOURCES);
  store.addJobs(STARTS);
  return { site, tally, fetcher, store };
}

test("Jobs are followed wherever they lead, and everything is stored once.", () =>
  run(async () => {
    const { tally, fetcher, store } = await observation();
    await collect(store.openJobs(), fetcher, store, tally);
    expect([store.count("routes"), store.count("airports"), store.openJobs()]).toEqual([150, 150, []]);
    expect([tally.jobs, tally.failed, tally.allRecords]).toEqual([store.doneJobs().length, 0, 300]);
    expect([tally.running.now, tally.inFlight.now, tally.requests]).toEqual([0, 0, tally.jobs]);
  }));

test("All jobs that are known have a task at once, whatever the number of requests.", () =>
  run(async () => {
    const first = await observation();
    await collect(first.store.openJobs(), first.fetcher, first.store, first.tally);
    await first.site.close();
    const { tally, fetcher, store } = await observation();
    store.addJobs(first.store.doneJobs());
    const known = store.openJobs();
    await collect(known, fetcher, store, tally);
    expect(known.length).toBeGreaterThan(100);
    expect([tally.running.most, tally.inFlight.most]).toEqual([known.length, 50]);
  }));

test("Faults on the way change nothing.", { timeout: 20_000 }, () =>
  run(async () => {
    const { tally, fetcher, store } = await observation("faulty");
    await collect(store.openJobs(), fetcher, store, tally);
    expect([store.count("routes"), store.count("airports"), tally.failed]).toEqual([150, 150, 0]);
    expect(tally.retries).toBeGreaterThan(0);
  }),
);

test.each([60, 150, 250, 400, 600])(
  "Cancelled after %i ms, it keeps what it has; then it goes on.",
  { timeout: 20_000 },
  (milliseconds) =>
    run(async () => {
      const { tally, fetcher, store } = await observation("slow");
      const task = createTask(collect(store.openJobs(), fetcher, store, tally));
      await sleep(milliseconds);
      task.cancel();
      const [outcome] = await gather([task], { returnExceptions: true });
      const done = store.doneJobs().length;
      expect([outcome instanceof CancelledError, tally.running.now, tally.inFlight.now, done]).toEqual([
        true,
        0,
        0,
        tally.jobs,
      ]);
      expect(store.count("routes") + store.count("airports")).toBe(tally.allRecords);

      const second = new Tally();
      await collect(store.openJobs(), fetcher, store, second);
      expect([store.count("routes"), store.count("airports")]).toEqual([150, 150]);
      expect(second.jobs).toBe(store.doneJobs().length - done);
    }),
);

test("Without jobs it is done.", () =>
  run(async () => {
    const { tally, fetcher, store } = await observation();
    await collect([], fetcher, store, tally);
    expect(tally.jobs).toBe(0);
  }));

test("A store that cannot write ends everything, with its error.", () =>
  run(async () => {
    const { tally, fetcher, store } = await observation();
    const jobs = store.openJobs();
    store.close();
    const [outcome] = await gather([collect(jobs, fetcher, store, tally)], { returnExceptions: true });
    expect(outcome).toBeInstanceOf(Error);
    expect([tally.running.now, tally.inFlight.now]).toEqual([0, 0]);
  }));
