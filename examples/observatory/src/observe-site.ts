import { fromPromise } from "tsyncio";
import { collectVisibly } from "./collect-visibly.ts";
import { Client } from "./collect/client.ts";
import { Fetcher } from "./collect/fetcher.ts";
import type { Source } from "./collect/source.ts";
import { Tally } from "./collect/tally.ts";
import type { Options } from "./options.ts";
import { compare, sampleOf } from "./report/compare.ts";
import { count, counted } from "./report/figures.ts";
import {
  comparisonOf,
  concurrencyOf,
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

const SOURCES: readonly Source[] = [earthquakes, weather, normals, airports, routes];

/** How often each column is drawn again for its statistics. */
const RESAMPLES = 2_000;

/** Starts the example's site, collects all of it, and checks what was collected. True when everything is there. */
export async function observeSite(options: Options): Promise<boolean> {
  using store = Store.open(options.db, SOURCES);
  await using site = await fromPromise((signal) => openSite(options, signal));
  await using client = new Client(options.concurrency);
  const { concurrency, timeout } = options;
  const tally = new Tally();
  const server = { client, sources: SOURCES, concurrency, timeout, base: site.origin };
  const fetcher = new Fetcher({ ...server, tally });
  const { edition, sources } = await readCatalogue(fetcher);
  const expected = new Map(sources.map(({ name, records }) => [name, records]));
  console.log(`Site: ${site.origin}, with ${siteOf(expected)}; slow, limited, often failing`);
  const starts = sources.map(({ name, start }) => ({ source: name, url: start }));
  console.log(`File: ${options.db}: ${beginOrGoOn(store, edition, starts, options.fresh)}\n`);
  for (const { name } of sources) tally.addRecords(name, store.count(name));

  await collectVisibly({ jobs: store.openJobs(), fetcher, store, tally, expected });
  tally.stop();
  const verdicts = verify(sources, store);
  const isComplete = verdicts.every(({ same }) => same);
  console.log(`\n${summaryOf(tally)}\n${concurrencyOf(tally)}\n${troublesOf(tally)}\n${verdictsTable(verdicts)}`);
  if (isComplete) store.setNote(FINISHED, "yes");
  else console.error(`The file does not hold what the site announces; ${wayOut(tally)}`);

  const statistics = await statisticsOf(SOURCES, (source) => store.rows(source), RESAMPLES);
  console.log(`\n${statisticsTable(statistics)}`);

  const sample = sampleOf(store.doneJobs(), options.sample);
  if (sample.length > 0 && tally.jobs > 0) {
    console.log(`\nFetching ${counted(sample.length, "job")} once more, one after another …`);
    console.log(comparisonOf(await compare(sample, new Fetcher({ ...server, tally: new Tally() })), tally));
  }
  return isComplete;
}

function wayOut({ failed }: Tally): string {
  return failed > 0 ? "run it again to fetch what was given up" : "--fresh collects it anew";
}

async function readCatalogue(fetcher: Fetcher): Promise<Catalogue> {
  const { value, trouble } = await fetcher.get("/api/v1", ({ body }) => JSON.parse(body.toString("utf8")) as Catalogue);
  if (value === undefined) throw new SiteError(`Cannot read what the site has: ${trouble!.kind}; run it again`);
  return value;
}

function siteOf(expected: ReadonlyMap<string, number>): string {
  const all = [...expected.values()].reduce((sum, records) => sum + records, 0);
  return `${count(all)} records (${[...expected].map(([name, records]) => `${count(records)} ${name}`).join(", ")})`;
}
