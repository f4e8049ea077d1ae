import { type HttpClient, HttpError } from "@tsyncio/http";
import { type AsyncGenerator, asyncGenerator, give, sleep } from "tsyncio";
import { MAX_SITEMAP_SIZE, type Sitemap, type SitemapEntry, readSitemap } from "./read-sitemap.ts";

/** What loading sitemaps needs to know. */
export interface LoadSitemapsOptions {
  readonly client: HttpClient;
  readonly headers: Readonly<Record<string, string>>;
  /** How many files are read at most. */
  readonly limit: number;
  /** The time between two of them, in milliseconds. */
  readonly delay: () => number;
  /** Pages and sitemaps that were not changed since then are left out. Null for none. */
  readonly since: number | null;
  /** Hears of what could not be read. */
  readonly failed: (url: string, error: Error) => void;
}

/** The pages of sitemaps, file by file; the files that an index names are read after it. */
export const loadSitemaps: (
  urls: readonly string[],
  options: LoadSitemapsOptions,
) => AsyncGenerator<readonly SitemapEntry[]> = asyncGenerator(function* loadSitemaps(
  urls: readonly string[],
  options: LoadSitemapsOptions,
): Generator<any, void, any> {
  const isRecent = ({ lastModified }: SitemapEntry): boolean =>
    options.since === null || lastModified === null || lastModified >= options.since;
  const queue = new Set(urls);
  let read = 0;
  // What is added to a set while it is gone through comes too.
  for (const url of queue) {
    if (read++ >= options.limit) return;
    const delay = options.delay();
    if (delay > 0) yield* sleep(delay);
    const sitemap: Sitemap | null = yield* load(url, options);
    if (sitemap === null) continue;
    for (const entry of sitemap.sitemaps.filter(isRecent)) {
      const absolute = resolve(entry.url, url);
      if (absolute !== null) queue.add(absolute);
    }
    const pages = sitemap.pages.filter(isRecent);
    if (pages.length > 0) yield* give(pages);
  }
});

function* load(url: string, { client, headers, failed }: LoadSitemapsOptions): Generator<any, Sitemap | null, any> {
  let bytes: Uint8Array;
  try {
    const response = yield* client.get(url, {
      headers: { ...headers, accept: "application/xml,text/xml,text/plain;q=0.9,*/*;q=0.8" },
      acceptStatus: (status) => status === 200,
      maxBodySize: MAX_SITEMAP_SIZE,
    });
    bytes = response.bytes;
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    failed(url, error);
    return null;
  }
  try {
    return readSitemap(bytes);
  } catch (error) {
    failed(url, error as Error);
    return null;
  }
}

function resolve(address: string, base: string): string | null {
  return URL.canParse(address, base) ? new URL(address, base).href : null;
}
