import { Crawler, type Page, type PageResult } from "@tsyncio/crawl";
import type { HttpClient } from "@tsyncio/http";
import { statusKind } from "./kind-of.ts";
import type { Job } from "./job.ts";
import type { CrawledSource } from "./source.ts";
import type { Tally } from "./tally.ts";
import type { Store } from "../store/store.ts";

export interface CrawlPagesOptions {
  /** Where it begins: absolute URLs. */
  readonly starts: readonly Job[];
  readonly sources: readonly CrawledSource[];
  readonly store: Store;
  readonly tally: Tally;
  readonly client: HttpClient;
  /** The file of the frontier; null for memory. */
  readonly frontier: string | null;
  readonly concurrency: number;
}

/** Pages a second that the site allows are 400. */
const DELAY = 1_000 / 390;
const RETRIES = 8;

/**
 * Crawls pages: what is on them goes into the store, links are followed. What was crawled in an earlier run is not fetched again.
 *
 * A page is stored before the frontier has it as done. Whatever ends the process between the two, the page comes again then, and
 * its records replace themselves.
 *
 * When cancelled: the requests under way are given up, and what has arrived by then is stored.
 */
export async function crawlPages(options: CrawlPagesOptions): Promise<void> {
  const { starts, store, tally, client, frontier, concurrency } = options;
  const sources = new Map(options.sources.map((source) => [source.name, source]));
  const crawler = new Crawler({
    start: starts.map(({ source, url }) => ({ url, label: source })),
    store: frontier,
    retryFailed: true,
    retries: RETRIES,
    client,
    concurrency,
    pace: { concurrencyPerHost: concurrency, delay: DELAY, adaptive: false },
    handler(page: Page): void {
      const source = sources.get(page.label!)!;
      const records = source.read(page);
      store.recordPage({ source: source.name, url: page.url }, records);
      tally.jobs += 1;
      tally.addRecords(source.name, records.length);
      page.follow({ selector: source.links, label: source.name });
    },
  });
  crawler.on("page", (result) => note(result, tally));
  tally.pagesWaiting = () => crawler.statistics().waiting;
  await crawler.run();
}

function note({ state, status, reason, bytes }: PageResult, tally: Tally): void {
  tally.bytes += bytes ?? 0;
  if (state === "failed") {
    tally.jobs += 1;
    tally.failed += 1;
  } else if (state === "waiting") {
    tally.addTrouble(status === null || status < 400 ? kindOf(reason!) : statusKind(status));
  }
}

/** As the client's errors are counted. */
function kindOf(reason: string): string {
  if (reason.startsWith("connection")) return "connection closed";
  if (reason.startsWith("timeout")) return "timeout";
  return reason.replace(/^handler: /, "");
}
