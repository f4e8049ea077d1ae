import { rmSync } from "node:fs";
import { fromPromise, taskGroup } from "tsyncio";
import { collectVisibly } from "./collect-visibly.ts";
import { collect } from "./collect/collect.ts";
import { crawlPages } from "./collect/crawl-pages.ts";
import { Fetcher } from "./collect/fetcher.ts";
import { openClient } from "./collect/open-client.ts";
import type { CrawledSource, FetchedSource, Source } from "./collect/source.ts";
import { Tally } from "./collect/tally.ts";
import { nearest, nearestAirports } from "./nearest/nearest-airports.ts";
import type { Options } from "./options.ts";
import { compare, sampleOf } from "./report/compare.ts";
import { count, counted } from "./report/figures.ts";
import {
  comparisonOf,
  concurrencyOf,
  nearestOf,
  statisticsTable,
  summaryOf,
  troublesOf,
  verdictsTable,
} from "./report/summary.ts";
import { verify } from "./report/verify.ts";
import { beginOrGoOn, FINISHED } from "./resume.ts";
import type { Catalogue } from "./site/catalogue.ts";
import { openSite, SiteError } from "./site/open-site.ts";
import { airports, normals, routes } from "./sources/api.ts";
import { earthquakes } from "./sources/earthquakes.ts";
import { weather } from "./sources/weather.ts";
import { statisticsOf } from "./statistics/statistics.ts";
import { Store } from "./store/store.ts";

const CRAWLED: readonly CrawledSource[] = [earthquakes, weather];
const FETCHED: readonly FetchedSource[] = [normals, airports, routes];
const PUBLISHED: readonly Source[] = [...CRAWLED, ...FETCHED];

/** The name of the site: in each run it is at another port, and what was collected of it should not depend on that. */
const BASE = "http://observatory.example";
/** How often each column is drawn again for its statistics. */
const RESAMPLES = 2_000;

/** Starts the example's site, collects all of it, and checks what was collected. True when everything is there. */
export async function observeSite(options: Options): Promise<boolean> {
  using store = Store.open(options.db, [...PUBLISHED, nearest]);
  await using site = await fromPromise((signal) => openSite(options, signal));
  const tally = new Tally();
  const { concurrency, timeout } = options;
  const access = { concurrency, timeout, base: BASE, origin: site.origin };
  // Two, because the site limits its pages and its API each by itself.
  await using apiClient = openClient({ ...access, tally });
  await using pagesClient = openClient({ ...access, tally, retries: 0, learnLimits: false });
  const fetcher = new Fetcher(apiClient, FETCHED, tally);
  const { edition, sources } = await readCatalogue(fetcher);
  const expected = new Map(sources.map(({ name, records }) => [name, records]));
  console.log(`Site: ${site.origin}, with ${siteOf(expected)}; slow, limited, often failing`);
  const starts = sources.map(({ name, start }) => ({ source: name, url: start }));
  const isCrawled = ({ source }: { readonly source: string }) => CRAWLED.some(({ name }) => name === source);
  const files = filesBeside(options.db);
  const begun = beginOrGoOn(
    store,
    edition,
    starts.filter((start) => !isCrawled(start)),
    { fresh: options.fresh, forgetBeside: () => Object.values(files).forEach(forget) },
  );
  console.log(`File: ${options.db}: ${begun}\n`);
  for (const { name } of sources) tally.addRecords(name, store.count(name));

  const left = () => store.openJobs().length + (tally.pagesWaiting?.() ?? 0);
  await collectVisibly({ tally, expected, left }, async () => {
    await taskGroup(async (group) => {
      group.createTask(collect(store.openJobs(), fetcher, store, tally), { name: "api" });
      const pages = { store, tally, concurrency, client: pagesClient, sources: CRAWLED, frontier: files.frontier };
      const absolute = starts.filter(isCrawled).map(({ source, url }) => ({ source, url: BASE + url }));
      group.createTask(crawlPages({ ...pages, starts: absolute }), { name: "crawl" });
    });
  });
  tally.stop();
  const verdicts = verify(sources, store);
  const isComplete = verdicts.every(({ same }) => same);
  console.log(`\n${summaryOf(tally)}\n${concurrencyOf(tally)}\n${troublesOf(tally)}\n${verdictsTable(verdicts)}`);
  if (!isComplete) console.error(`The file does not hold what the site announces; ${wayOut(tally)}`);

  const rows = store.rows(earthquakes.name);
  console.log(`\nAsking for the airport that is nearest to each of ${counted(rows.length, "earthquake")} …`);
  const report = await nearestAirports({ origin: site.origin, earthquakes: rows, store, file: files.answers });
  const isAnswered = store.count(nearest.name) === rows.length;
  console.log(nearestOf(report, store.rows(nearest.name)));
  if (isComplete && isAnswered) store.setNote(FINISHED, "yes");

  const statistics = await statisticsOf(PUBLISHED, (source) => store.rows(source), RESAMPLES);
  console.log(`\n${statisticsTable(statistics)}`);

  const sample = sampleOf(store.doneJobs(), options.sample);
  if (sample.length > 0 && tally.jobs > 0) {
    console.log(`\nFetching ${counted(sample.length, "job")} once more, one after another …`);
    await using client = openClient({ ...access, tally: new Tally() });
    console.log(comparisonOf(await compare(sample, new Fetcher(client, FETCHED, new Tally())), tally));
  }
  return isComplete && isAnswered;
}

/** What is kept beside the records: what the crawl has still to do, and the answers of the batch until all are there. */
function filesBeside(db: string): { readonly frontier: string; readonly answers: string } {
  return { frontier: `${db}.crawl`, answers: `${db}.nearest.jsonl` };
}

function forget(file: string): void {
  for (const end of ["", "-wal", "-shm", "-journal"]) rmSync(file + end, { force: true });
}

function wayOut({ failed }: Tally): string {
  return failed > 0 ? "run it again to fetch what was given up" : "--fresh collects it anew";
}

async function readCatalogue(fetcher: Fetcher): Promise<Catalogue> {
  const { value, failure } = await fetcher.get("/api/v1", (answer) => answer.json<Catalogue>());
  if (value === undefined) throw new SiteError(`Cannot read what the site has: ${failure}; run it again`);
  return value;
}

function siteOf(expected: ReadonlyMap<string, number>): string {
  const all = [...expected.values()].reduce((sum, records) => sum + records, 0);
  return `${count(all)} records (${[...expected].map(([name, records]) => `${count(records)} ${name}`).join(", ")})`;
}
