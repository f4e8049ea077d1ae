// This file names nothing of tsyncio, but its functions are coroutines all the same:
"use tsyncio";

import { collectVisibly } from "./collect-visibly.ts";
import { collect } from "./collect/collect.ts";
import { Fetcher } from "./collect/fetcher.ts";
import type { Row } from "./collect/job.ts";
import { openClient } from "./collect/open-client.ts";
import { Tally } from "./collect/tally.ts";
import type { Options } from "./options.ts";
import { compare, sampleOf } from "./report/compare.ts";
import { counted, size } from "./report/figures.ts";
import { comparisonOf, concurrencyOf, summaryOf, tableOf, troublesOf } from "./report/summary.ts";
import { pages } from "./sources/pages.ts";
import { Store } from "./store/store.ts";

/** Other people's servers are spared. */
const PER_SERVER = 8;
/** So many lines the report has; the file has them all. */
const MOST_SHOWN = 30;

/** Fetches the user's URLs that are not stored yet. True when every one of them is stored without a failure. */
export async function observeUrls(options: Options): Promise<boolean> {
  using store = Store.open(options.db, [pages]);
  const { urls, concurrency, timeout } = options;
  if (options.fresh) store.forget();
  store.addJobs(urls.map((url) => ({ source: pages.name, url })));
  const wanted = new Set(urls);
  const jobs = store.openJobs().filter(({ url }) => wanted.has(url));
  const stored = urls.length - jobs.length;
  console.log(
    `File: ${options.db}: ${counted(jobs.length, "page")} to fetch${stored > 0 ? `, ${stored} stored before` : ""}\n`,
  );

  const tally = new Tally();
  tally.addRecords(pages.name, stored);
  await using client = openClient({ tally, concurrency, timeout, perServer: PER_SERVER });
  const fetcher = new Fetcher(client, [pages], tally);
  const view = { tally, expected: new Map([[pages.name, urls.length]]), left: () => store.openJobs().length };
  await collectVisibly(view, () => collect(jobs, fetcher, store, tally));
  tally.stop();
  const rows = store.rows(pages.name).filter(({ url }) => wanted.has(url as string));
  console.log(pagesTable(rows));
  console.log(`${summaryOf(tally)}\n${concurrencyOf(tally)}\n${troublesOf(tally)}`);

  const sample = sampleOf(jobs, options.sample);
  if (sample.length > 0) {
    console.log(`\nFetching ${counted(sample.length, "job")} once more, one after another …`);
    console.log(comparisonOf(await compare(sample, fetcher), tally));
  }
  return rows.length === urls.length && rows.every(({ failure }) => failure === null);
}

/** The pages, those that failed first. */
function pagesTable(rows: readonly Row[]): string {
  const ordered = rows.toSorted((a, b) => Number(a.failure === null) - Number(b.failure === null));
  const lines = ordered.slice(0, MOST_SHOWN).map(({ url, status, failure, title, bytes, links }) => {
    const linked = links === null ? "" : String((JSON.parse(links as string) as string[]).length);
    return [
      short(url, 60),
      String(failure ?? status),
      bytes === null ? "" : size(bytes as number),
      linked,
      short(title, 40),
    ];
  });
  const more = rows.length - lines.length;
  const table = tableOf(["url", "status", "size", "links", "title"], lines, [2, 3]);
  return more > 0 ? `${table}\n… and ${counted(more, "page")} more in the file` : table;
}

function short(value: string | number | null | undefined, length: number): string {
  const text = String(value ?? "");
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
