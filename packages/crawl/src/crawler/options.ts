import type { HttpClient } from "@tsyncio/http";
import type { Awaitable, Duration } from "tsyncio";
import type { PaceOptions } from "../frontier/host-pace.ts";
import type { Extracted, Extraction } from "../page/extract.ts";
import type { FollowOptions, Page } from "../page/page.ts";
import type { ScopeOptions } from "../scope/scope.ts";
import type { TrapOptions } from "../trap/trap-guard.ts";

/** What is done with a page: a coroutine function of either spelling, a generator function, or a plain function. */
export type PageHandler = (page: Page) => Awaitable<unknown> | Generator<any, unknown, any> | void;

/** A start address with more than its name. */
export interface StartUrl {
  readonly url: string | URL;
  readonly label?: string;
  readonly data?: unknown;
  readonly priority?: number;
}

/** How robots.txt and its relatives are obeyed. */
export interface RobotsOptions {
  /** Whether links with `rel="nofollow"`, and those of pages that say so, are left alone. Default: true. */
  readonly nofollow?: boolean;
}

/** Which sitemaps are read. */
export interface SitemapOptions {
  /** Their addresses. Default: those that the robots.txt of each host names, else `/sitemap.xml`. */
  readonly urls?: readonly string[];
  /** Only pages that were changed since then, or do not say. */
  readonly since?: Date;
  /** How many files are read for one host. Default: 100. */
  readonly limit?: number;
}

/** Options of a crawl. */
export interface CrawlOptions<E extends Extraction = Extraction> {
  /** Where it begins. */
  readonly start: string | URL | StartUrl | Iterable<string | URL | StartUrl>;
  /** What belongs to it. Default: the hosts of the start addresses. */
  readonly scope?: ScopeOptions;
  /**
   * What is done with each page. When it throws, its page has failed; when the error has `retryable: true`, as those of
   * `@tsyncio/http` can have, the page is fetched again, within `retries`.
   */
  readonly handler?: PageHandler;
  /** Fields that are read from each page and saved as an item. */
  readonly extract?: E;
  /** Which links are followed, beside those that the handler follows. Default: all without a `handler`, none with one. */
  readonly follow?: boolean | string | FollowOptions;
  /** How hard a host is worked. */
  readonly pace?: PaceOptions;
  /** How many pages are under way, over all hosts. Default: 32. */
  readonly concurrency?: number;
  /** How many pages are fetched at most, in this run. Default: all there are. */
  readonly maxPages?: number;
  /** Whether robots.txt is obeyed, and the like. Default: true. */
  readonly robots?: boolean | RobotsOptions;
  /** Whether sitemaps are read, or which. Default: false. */
  readonly sitemaps?: boolean | readonly string[] | SitemapOptions;
  /** Who it says it is; robots.txt knows it by the first word. Say who you are, and how you can be reached. */
  readonly userAgent?: string;
  /** How long a page may take to come. Default: 30 s. */
  readonly timeout?: Duration;
  /** How long a handler may take; it is cancelled then, and its page has failed. Null for no limit. Default: 60 s. */
  readonly handlerTimeout?: Duration | null;
  /** How often a page is tried again that did not come (5xx, 429, a broken connection). Default: 2. */
  readonly retries?: number;
  /** Larger pages are not read, decompressed or not. Default: 10 MiB. */
  readonly maxPageSize?: number;
  /** The file in which the crawl is kept, and from which it goes on when it was interrupted. Default: memory. */
  readonly store?: string | null;
  /** Whether what is in the store is forgotten first. Default: false. */
  readonly restart?: boolean;
  /** Whether pages that have failed in an earlier run are tried again. Default: false. */
  readonly retryFailed?: boolean;
  /** The file of an HTTP cache, which can serve many crawls: unchanged pages are not sent again. Default: none. */
  readonly cache?: string | null;
  /** When pages without end are cut. False: never. */
  readonly traps?: TrapOptions | false;
  /** Further parameters that make no difference to a page, beside those of sessions and tracking. */
  readonly ignoreParameters?: readonly (string | RegExp)[];
  /** Files that the items are written to in the end: `.jsonl`, `.csv` or `.db` (SQLite). */
  readonly export?: string | readonly string[];
  /** An HTML file for the report, with charts. */
  readonly report?: string;
  /** A client of your own: proxies, TLS, credentials, cookies. It is not closed. Default: one of the crawl's. */
  readonly client?: HttpClient;
}

/** What a page of a crawl with this extraction saves. */
export type ItemOf<E extends Extraction> = string extends keyof E ? unknown : Extracted<E>;

/** @internal Throws for what cannot be. */
export function checkCount(name: string, value: number, least: number): number {
  if (value === Infinity || (Number.isInteger(value) && value >= least)) return value;
  throw new RangeError(`Cannot crawl: ${name} must be an integer >= ${least}, received ${String(value)}`);
}

/** @internal The start addresses, one by one. */
export function startUrls(start: CrawlOptions["start"]): StartUrl[] {
  const several = typeof start === "object" && start !== null && Symbol.iterator in start;
  const given = several && !(start instanceof URL) ? [...start] : [start as string | URL | StartUrl];
  if (given.length === 0) throw new TypeError("Cannot crawl: start has no address");
  return given.map((one) => {
    const entry = typeof one === "string" || one instanceof URL ? { url: one } : one;
    const address = String(entry?.url);
    if (!/^https?:/i.test(address) || !URL.canParse(address))
      throw new TypeError(`Cannot crawl: start must be an address with http: or https:, received ${address}`);
    return entry;
  });
}
