import type { UrlState } from "../store/schema.ts";
import type { TrapCut } from "../trap/trap-guard.ts";

/** What has become of one address. */
export interface PageResult<T = unknown> {
  readonly url: string;
  /** `"waiting"`: it has failed, and is tried again. */
  readonly state: UrlState;
  /** Null when there was no answer, or it was not asked for. */
  readonly status: number | null;
  /** Why it was skipped or has failed; where it was redirected to. */
  readonly reason: string | null;
  readonly depth: number;
  readonly contentType: string | null;
  readonly bytes: number | null;
  /** Until the page was there, in milliseconds. */
  readonly elapsed: number | null;
  /** What was saved, as JSON gives it back. */
  readonly items: readonly T[];
  /** How many addresses it has brought that were new. */
  readonly found: number;
}

/** What is known of a host when its first page is about to be fetched. */
export interface HostOpened {
  readonly origin: string;
  /** `"none"`: it has no robots.txt. `"unreachable"`: its server fails, so that nothing is fetched. */
  readonly robots: "read" | "none" | "unreachable";
  /** What it asks for, in milliseconds. */
  readonly crawlDelay: number | null;
}

/** A sitemap that could not be fetched or read. */
export interface SitemapFailed {
  readonly url: string;
  readonly error: Error;
}

/** The events of a `Crawler`, with what its listeners get. */
export interface CrawlEvents<T = unknown> {
  /** Something has become of an address. */
  page: [result: PageResult<T>];
  /** A host is opened. */
  host: [host: HostOpened];
  /** The trap guard has cut a pattern. */
  cut: [cut: TrapCut];
  sitemapFailed: [failure: SitemapFailed];
}
