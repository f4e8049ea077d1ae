/**
 * A crawler on the tsyncio event loop: frontier, robots.txt, pace, extraction, resume.
 *
 * @packageDocumentation
 */
export { CrawlError, CrawlStoreError, ExtractError, PageClosedError } from "./errors.ts";
export { type CrawlStatistics, Crawler, crawl } from "./crawler/crawler.ts";
export type { CrawlEvents, HostOpened, PageResult, SitemapFailed } from "./crawler/events.ts";
export type { CrawlOptions, ItemOf, PageHandler, RobotsOptions, SitemapOptions, StartUrl } from "./crawler/options.ts";
export type { PaceOptions } from "./frontier/host-pace.ts";
export type { ExtractField, Extracted, Extraction } from "./page/extract.ts";
export { type EnqueueOptions, type FollowOptions, Page, type PageLink } from "./page/page.ts";
export type { CrawlEnd, CrawlReport, HostReport, Problem, SlowPage, TimeSlice } from "./report/crawl-report.ts";
export type { ScopeOptions } from "./scope/scope.ts";
export type { LeftOut, StoredCut } from "./store/crawl-store.ts";
export type { UrlState } from "./store/schema.ts";
export type { TrapCut, TrapOptions } from "./trap/trap-guard.ts";
export type { UrlMatch } from "./url/path-pattern.ts";
