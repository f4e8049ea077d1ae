import { HttpClient } from "@tsyncio/http";
import { type EventLoop, ExceptionGroup, type Queue, coroutine, getRunningLoop, taskGroup } from "tsyncio";
import { HttpCache } from "../fetch/http-cache.ts";
import { PageFetcher } from "../fetch/page-fetcher.ts";
import { Frontier, type Job } from "../frontier/frontier.ts";
import type { PaceSample } from "../frontier/host-pace.ts";
import type { HostQueue } from "../frontier/host-queue.ts";
import { type CrawlEnd, type CrawlReport, readReport } from "../report/crawl-report.ts";
import { loadRobots } from "../robots/load-robots.ts";
import { ALLOW_ALL, DISALLOW_ALL, productToken, readRobots } from "../robots/robots-rules.ts";
import { loadSitemaps } from "../sitemap/load-sitemaps.ts";
import { type NewUrl, CrawlStore, type WaitingUrl } from "../store/crawl-store.ts";
import { TrapGuard } from "../trap/trap-guard.ts";
import { urlPattern } from "../url/url-pattern.ts";
import { Counters } from "./counters.ts";
import type { CrawlEvents, PageResult } from "./events.ts";
import { Gate } from "./gate.ts";
import type { Settings } from "./settings.ts";
import { type Visit, skipped, visit } from "./visit.ts";

/** RFC 9309: a robots.txt should not be used for longer. */
const ROBOTS_LIFETIME = 24 * 3600 * 1000;
/** What is left out is written after so many pages. */
const FLUSH = 256;
/** The `parent` of what a sitemap has brought. */
const SITEMAP = 0;
const SITES = "sites";

/** How a run tells what happens. */
export type Emit = <K extends keyof CrawlEvents>(name: K, ...values: CrawlEvents[K]) => void;

/** One run of a crawl: from what the store has waiting until nothing is left, or something ends it. */
export class CrawlRun {
  readonly #settings: Settings;
  readonly #emit: Emit;
  readonly #results: Queue<PageResult> | null;
  readonly #loop: EventLoop;
  readonly #store: CrawlStore;
  readonly #cache: HttpCache | null;
  readonly #client: HttpClient;
  readonly #guard: TrapGuard | null;
  readonly #gate: Gate;
  readonly #fetcher: PageFetcher;
  readonly #headers: Readonly<Record<string, string>>;
  readonly frontier: Frontier;
  readonly counters: Counters;
  #left: number;
  #ended: CrawlEnd = "complete";

  /** @throws {CrawlStoreError} when the store or the cache cannot be opened. */
  constructor(settings: Settings, emit: Emit, results: Queue<PageResult> | null) {
    const { options } = settings;
    this.#settings = settings;
    this.#emit = emit;
    this.#results = results;
    this.#loop = getRunningLoop();
    this.#left = settings.maxPages;
    this.#headers = { "user-agent": settings.userAgent, accept: "text/html,application/xhtml+xml,*/*;q=0.8" };
    this.#store = CrawlStore.open(options.store ?? null);
    try {
      this.#cache = typeof options.cache === "string" ? HttpCache.open(options.cache) : null;
      if (options.restart === true) this.#store.clear();
      if (options.retryFailed === true) this.#store.retryFailed();
      const seed = Math.floor(Math.random() * 2 ** 32);
      this.#guard = settings.traps === null ? null : new TrapGuard(settings.traps, seed);
      for (const { pattern } of this.#store.cuts()) this.#guard?.restore(pattern);
      this.#gate = new Gate(settings.scope, this.#guard, this.#store, seed);
      this.frontier = new Frontier(this.#store, settings.pace, this.#loop);
    } catch (error) {
      this.#store.close();
      throw error;
    }
    this.#client = options.client ?? new HttpClient({ retry: false, learnLimits: false });
    this.counters = new Counters(this.#loop.time());
    this.#fetcher = new PageFetcher({
      client: this.#client,
      cache: this.#cache,
      headers: this.#headers,
      maxPageSize: settings.maxPageSize,
      wants: (type) => settings.scope.hasContentType(type),
    });
  }

  /** Since it began, in milliseconds. */
  get elapsed(): number {
    return this.#loop.time() - this.counters.began;
  }

  /** No more pages are begun; those under way are finished. */
  stop(end: CrawlEnd = "stopped"): void {
    this.#ended = end;
    this.frontier.stop();
  }

  /** Works until the end, and closes everything. `finish` sees the store before it is closed. */
  *run(
    finish: (store: CrawlStore, report: CrawlReport) => Generator<any, void, any>,
  ): Generator<any, CrawlReport, any> {
    try {
      this.#addStart();
      yield* this.#workers();
      this.#flush();
      const { store = null } = this.#settings.options;
      const ended = this.#store.counts().waiting === 0 ? "complete" : this.#ended;
      const report = readReport(this.#store, { ended, elapsed: this.elapsed, store });
      yield* finish(this.#store, report);
      return report;
    } finally {
      yield* this.#close();
    }
  }

  *#workers(): Generator<any, void, any> {
    const work = coroutine(() => this.#work());
    const { concurrency } = this.#settings;
    try {
      yield* taskGroup(function* (group) {
        for (let i = 0; i < concurrency; i++) group.createTask(work(), { name: `crawl-${i}` });
      });
    } catch (error) {
      // One error by itself comes as it is.
      if (error instanceof ExceptionGroup && error.errors.length === 1) throw error.errors[0];
      throw error;
    }
  }

  *#close(): Generator<any, void, any> {
    this.frontier.close();
    try {
      this.#flush();
    } finally {
      this.#store.close();
      this.#cache?.close();
      if (this.#settings.options.client === undefined) yield* this.#client.close();
    }
  }

  #addStart(): void {
    const { scope, normalizer, start } = this.#settings;
    for (const site of JSON.parse(this.#store.note(SITES) ?? "[]") as string[]) scope.addStart(new URL(site));
    const found = start.map(({ url, label = null, data, priority = 0 }): NewUrl => {
      const normal = normalizer.normalize(String(url))!;
      scope.addStart(new URL(normal));
      const json = data === undefined ? null : JSON.stringify(data);
      return { url: normal, priority, depth: 0, parent: null, label, data: json, redirects: 0, chain: 0 };
    });
    this.#enter(this.#store.add(found));
  }

  #enter(added: readonly WaitingUrl[]): void {
    for (const { url } of added) this.#gate.enter(url);
    this.frontier.add(added);
  }

  *#work(): Generator<any, void, any> {
    const { frontier } = this;
    for (;;) {
      const job = yield* frontier.take();
      if (job === null) return;
      let sample: PaceSample | null = null;
      try {
        sample = job.page === null ? yield* this.#openHost(job.host) : yield* this.#visit(job, job.page);
      } finally {
        frontier.release(job, sample);
      }
    }
  }

  /** The first thing with a host: what it allows. */
  *#openHost(host: HostQueue): Generator<any, PaceSample | null, any> {
    if (this.#settings.robots) {
      const robots = yield* this.#robotsOf(host);
      if (robots === "unreachable") host.rules = DISALLOW_ALL;
      else if (robots === "none") host.rules = ALLOW_ALL;
      else host.rules = readRobots(`${host.origin}/robots.txt`, robots.text, productToken(this.#settings.userAgent));
      if (host.rules.crawlDelay !== null) host.pace.setCrawlDelay(host.rules.crawlDelay);
      const found = typeof robots === "string" ? robots : "read";
      this.#emit("host", { origin: host.origin, robots: found, crawlDelay: host.rules.crawlDelay });
    }
    if (this.#settings.sitemaps !== null && host.rules !== DISALLOW_ALL) yield* this.#readSitemaps(host);
    return { elapsed: null, strained: false, unanswered: false, retryAfter: null };
  }

  *#robotsOf(host: HostQueue): Generator<any, { readonly text: string } | "none" | "unreachable", any> {
    const kept = this.#store.robots(host.id, Date.now() - ROBOTS_LIFETIME);
    if (kept !== null) return kept === "" ? "none" : { text: kept };
    this.counters.requests++;
    const loaded = yield* loadRobots(this.#client, host.origin, this.#headers, this.#settings.retries);
    if (loaded !== "unreachable") this.#store.setRobots(host.id, loaded === "none" ? "" : loaded.text, Date.now());
    return loaded;
  }

  *#readSitemaps(host: HostQueue): Generator<any, void, any> {
    const note = `sitemaps ${host.origin}`;
    if (this.#store.note(note) !== null) return;
    const { urls, since, limit = 100 } = this.#settings.sitemaps!;
    const named = host.rules.sitemaps.length > 0 ? host.rules.sitemaps : [`${host.origin}/sitemap.xml`];
    const pages = loadSitemaps(urls === undefined ? named : this.#sitemapsWith(host, urls), {
      client: this.#client,
      headers: this.#headers,
      limit,
      delay: () => host.pace.delay,
      since: since?.getTime() ?? null,
      failed: (url, error) => this.#emit("sitemapFailed", { url, error }),
    });
    for (;;) {
      const step = yield* pages.next();
      if (step.done === true) break;
      const found = step.value.flatMap(({ url }): NewUrl[] => {
        const normal = this.#settings.normalizer.normalize(url);
        if (normal === null || this.#gate.judge(normal, 0) !== "new") return [];
        return [
          { url: normal, priority: 0, depth: 0, parent: SITEMAP, label: null, data: null, redirects: 0, chain: 0 },
        ];
      });
      this.#enter(this.#store.add(found));
    }
    this.#store.setNote(note, new Date().toISOString());
  }

  /** Those of the host, and with the first one those of hosts on which nothing begins. */
  #sitemapsWith({ origin }: HostQueue, urls: readonly string[]): string[] {
    const starts = this.#settings.start.map(({ url }) => new URL(String(url)).origin);
    return urls.filter((url) => {
      const own = new URL(url).origin;
      return own === origin || (origin === starts[0] && !starts.includes(own));
    });
  }

  *#visit({ host }: Job, page: WaitingUrl): Generator<any, PaceSample | null, any> {
    if (this.#left <= 0) {
      this.stop("maxPages");
      return null;
    }
    this.#left--;
    const done = yield* this.#visitAllowed(host, page);
    if (done.sample === null && done.state === "skipped") this.#left++;
    if (done.cut !== null) {
      this.#store.cut(done.cut);
      this.#emit("cut", done.cut);
    }
    if (done.movedTo !== null) this.#store.setNote(SITES, JSON.stringify(this.#sitesWith(done.movedTo)));
    this.#settle(page, done);
    if (this.#results !== null) yield* this.#results.put(this.#result(page, done));
    return done.sample;
  }

  *#visitAllowed(host: HostQueue, page: WaitingUrl): Generator<any, Visit, any> {
    if (!host.rules.allows(page.url))
      return skipped(host.rules === DISALLOW_ALL ? "robots.txt unreachable" : "robots.txt");
    if (this.#guard !== null) {
      const pattern = urlPattern(page.url);
      if (this.#guard.isCut(pattern)) {
        this.#gate.leaveOut("trap", pattern, page.url);
        return skipped("trap");
      }
    }
    this.counters.requests++;
    return yield* visit(
      { settings: this.#settings, fetcher: this.#fetcher, gate: this.#gate, guard: this.#guard, loop: this.#loop },
      page,
    );
  }

  #settle(page: WaitingUrl, done: Visit): void {
    const again = done.state === "waiting";
    const attempts = done.sample === null ? page.attempts : page.attempts + 1;
    // What has failed comes after what has not been tried.
    const priority = again ? page.priority - 1 : page.priority;
    this.#enter(this.#store.settle({ ...done, id: page.id, attempts, priority }));
    if (again) this.frontier.add([{ ...page, attempts, priority }]);
    this.counters.count(done);
    this.#emit("page", this.#result(page, done));
    if (this.counters.pages % FLUSH === 0) this.#flush();
  }

  #result(page: WaitingUrl, done: Visit): PageResult {
    const { state, status, reason, contentType, bytes, elapsed } = done;
    const items = done.items.map((item) => JSON.parse(item) as unknown);
    const { url, depth } = page;
    return { url, state, status, reason, depth, contentType, bytes, elapsed, items, found: done.found.length };
  }

  #sitesWith(site: string): string[] {
    return [...new Set([...(JSON.parse(this.#store.note(SITES) ?? "[]") as string[]), site])];
  }

  #flush(): void {
    const entries = this.#gate.takeLeftOut();
    if (entries.length > 0) this.#store.leaveOut(entries);
  }
}
