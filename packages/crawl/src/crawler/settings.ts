import { milliseconds } from "tsyncio";
import { checkExports } from "../export/write-exports.ts";
import { type PaceOptions, checkPace } from "../frontier/host-pace.ts";
import { type Extraction, checkExtraction } from "../page/extract.ts";
import type { FollowOptions } from "../page/page.ts";
import { Scope } from "../scope/scope.ts";
import { type TrapOptions, checkTraps } from "../trap/trap-guard.ts";
import { UrlNormalizer } from "../url/url-normalizer.ts";
import {
  type CrawlOptions,
  type PageHandler,
  type SitemapOptions,
  type StartUrl,
  checkCount,
  startUrls,
} from "./options.ts";

const MIB = 1024 * 1024;
const USER_AGENT = "tsyncio-crawl/0.1";

/** The options of a crawl, checked and complete. */
export interface Settings {
  readonly options: CrawlOptions;
  readonly start: readonly StartUrl[];
  readonly scope: Scope;
  readonly handler: PageHandler | null;
  readonly extraction: Extraction | null;
  readonly follow: string | FollowOptions | null;
  readonly pace: PaceOptions;
  readonly concurrency: number;
  readonly maxPages: number;
  readonly robots: boolean;
  readonly obeysNofollow: boolean;
  readonly sitemaps: SitemapOptions | null;
  readonly userAgent: string;
  readonly timeout: number;
  readonly handlerTimeout: number | null;
  readonly retries: number;
  readonly maxPageSize: number;
  readonly traps: TrapOptions | null;
  readonly normalizer: UrlNormalizer;
  readonly exports: readonly string[];
}

/** @throws {TypeError} and {RangeError} for options that cannot be. */
export function settingsOf(options: CrawlOptions): Settings {
  if (typeof options !== "object" || options === null)
    throw new TypeError(`Cannot crawl: expected options, received ${String(options)}; write { start: "https://…" }`);
  const { handler, extract, follow, robots = true, sitemaps = false, userAgent = USER_AGENT, traps = {} } = options;
  if (handler !== undefined && typeof handler !== "function")
    throw new TypeError(`Cannot crawl: handler must be a function, received ${String(handler)}`);
  if (extract !== undefined) checkExtraction(extract);
  const exports = typeof options.export === "string" ? [options.export] : (options.export ?? []);
  checkExports(exports);
  if (typeof userAgent !== "string" || !/^[\w.-]+/.test(userAgent))
    throw new TypeError(`Cannot crawl: userAgent must begin with a name, as "ExampleBot/1.0", received "${userAgent}"`);
  checkPace(options.pace ?? {});
  if (traps !== false) checkTraps(traps);
  return {
    options,
    start: startUrls(options.start),
    scope: new Scope(options.scope ?? {}),
    handler: handler ?? null,
    extraction: extract ?? null,
    follow: followed(follow ?? handler === undefined),
    pace: options.pace ?? {},
    concurrency: checkCount("concurrency", options.concurrency ?? 32, 1),
    maxPages: checkCount("maxPages", options.maxPages ?? Infinity, 1),
    robots: robots !== false,
    obeysNofollow: robots !== false && (robots === true || robots.nofollow !== false),
    sitemaps: sitemapsOf(sitemaps),
    userAgent,
    timeout: milliseconds(options.timeout ?? "30s"),
    handlerTimeout: options.handlerTimeout === null ? null : milliseconds(options.handlerTimeout ?? "60s"),
    retries: checkCount("retries", options.retries ?? 2, 0),
    maxPageSize: checkCount("maxPageSize", options.maxPageSize ?? 10 * MIB, 1),
    traps: traps === false ? null : traps,
    normalizer: new UrlNormalizer(options.ignoreParameters),
    exports,
  };
}

function followed(follow: boolean | string | FollowOptions): string | FollowOptions | null {
  if (typeof follow === "boolean") return follow ? {} : null;
  return follow;
}

function sitemapsOf(sitemaps: NonNullable<CrawlOptions["sitemaps"]>): SitemapOptions | null {
  if (sitemaps === false) return null;
  if (sitemaps === true) return {};
  const options: SitemapOptions = "length" in sitemaps ? { urls: sitemaps } : sitemaps;
  for (const url of options.urls ?? [])
    if (!URL.canParse(url)) throw new TypeError(`Cannot crawl: sitemaps must be addresses, received ${String(url)}`);
  checkCount("sitemaps.limit", options.limit ?? 1, 1);
  return options;
}
