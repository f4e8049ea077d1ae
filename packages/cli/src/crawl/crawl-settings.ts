import { pathToFileURL } from "node:url";
import type { CrawlOptions, ScopeOptions } from "@tsyncio/crawl";
import { programPath, UsageError } from "../program-file.ts";
import type { CrawlFlags } from "./crawl-flags.ts";
import { extractField } from "./extract-field.ts";

type Changeable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * The options of the crawl: those of the config file, with what the command line says in their place.
 *
 * @throws {UsageError} for what the user has to change.
 */
export async function crawlSettings(urls: readonly string[], flags: CrawlFlags): Promise<CrawlOptions> {
  const config = flags.config === undefined ? {} : await configOf(flags.config);
  const start = urls.length > 0 ? urls.map(withScheme) : config.start;
  if (start === undefined)
    throw new UsageError("Cannot start: there is no address to begin with; write: tsyncio crawl https://example.com");
  const { maxPages, concurrency, retries, userAgent, cache, report, output, restart, retryFailed } = flags;
  return {
    ...config,
    ...given({ maxPages, concurrency, retries, userAgent, cache, report, restart, retryFailed }),
    ...given({ timeout: flags.timeout as CrawlOptions["timeout"], export: output }),
    ...(flags.robots ? {} : { robots: false }),
    ...(flags.sitemaps === undefined ? {} : { sitemaps: true }),
    ...(flags.extract === undefined ? {} : { extract: Object.fromEntries(flags.extract.map(extractField)) }),
    start,
    scope: { ...config.scope, ...scopeOf(flags) },
    pace: {
      ...config.pace,
      ...given({ delay: flags.delay as never, concurrencyPerHost: flags.perHost }),
    },
    store: storeOf(flags.store, config, start),
  };
}

async function configOf(file: string): Promise<Partial<CrawlOptions>> {
  const path = programPath(file);
  await import("@tsyncio/keywords/register");
  const exported = (await import(pathToFileURL(path).href)) as { readonly default?: unknown };
  if (typeof exported.default !== "object" || exported.default === null)
    throw new UsageError(
      `Cannot crawl by ${file}: its default export must be an object of options, it is ${typeof exported.default}`,
    );
  return exported.default as Partial<CrawlOptions>;
}

/** As in a browser: `example.com` is enough. */
function withScheme(url: string): string {
  return /^[a-z][a-z\d+.-]*:\/\//i.test(url) ? url : `http://${url}`;
}

function scopeOf({ depth, sites, include, exclude, type }: CrawlFlags): ScopeOptions {
  const named = sites !== undefined && !["host", "domain", "any"].includes(sites) ? sites.split(",") : sites;
  return given({ depth, sites: named as ScopeOptions["sites"], include, exclude, contentTypes: type });
}

function storeOf(
  flag: string | false | undefined,
  config: Partial<CrawlOptions>,
  start: CrawlOptions["start"],
): string | null {
  if (flag === false) return null;
  if (typeof flag === "string") return flag;
  if (config.store !== undefined) return config.store;
  const [first] = typeof start === "string" || start instanceof URL || "url" in start ? [start] : start;
  const address = String(typeof first === "object" && "url" in first ? first.url : first);
  if (!URL.canParse(address)) throw new UsageError(`Cannot crawl ${address}: it is no address`);
  return `${new URL(address).host.replace(/[^\w.-]/g, "-")}.crawl.db`;
}

/** Without what is undefined, which would go before what stands in the config file. */
function given<T extends object>(options: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Changeable<{ [K in keyof T]?: NonNullable<T[K]> }>;
}
