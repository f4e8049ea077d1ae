import { gunzipSync } from "node:zlib";
import { XMLParser } from "fast-xml-parser";

/** One address of a sitemap. */
export interface SitemapEntry {
  readonly url: string;
  /** When the page was changed, in milliseconds since 1970; null when it is not said. */
  readonly lastModified: number | null;
}

/** What a sitemap holds: pages, and other sitemaps when it is an index. */
export interface Sitemap {
  readonly pages: readonly SitemapEntry[];
  readonly sitemaps: readonly SitemapEntry[];
}

/** The protocol allows 50 MB and 50,000 addresses a file. */
export const MAX_SITEMAP_SIZE: number = 50 * 1024 * 1024;
const MAX_ENTRIES = 50_000;

const GZIP = [0x1f, 0x8b];

/**
 * Reads a sitemap in XML (or as text, an address a line; RSS and Atom feeds too), gzipped or not. What does not fit into the
 * limits of the protocol is left out.
 *
 * @throws what zlib throws for gzip that is none or that grows beyond the limit, and what the parser throws for what is no XML.
 * @see https://www.sitemaps.org/protocol.html
 */
export function readSitemap(bytes: Uint8Array): Sitemap {
  const zipped = bytes[0] === GZIP[0] && bytes[1] === GZIP[1];
  const plain = zipped ? gunzipSync(bytes, { maxOutputLength: MAX_SITEMAP_SIZE }) : Buffer.from(bytes);
  const text = plain.toString("utf8").replace(/^\ufeff/, "");
  return text.trimStart().startsWith("<") ? readXml(text) : readLines(text);
}

function readLines(text: string): Sitemap {
  const lines = text.split(/\r\n|\r|\n/, MAX_ENTRIES).map((line) => line.trim());
  const pages = lines.filter((line) => /^https?:\/\//.test(line)).map((url) => ({ url, lastModified: null }));
  return { pages, sitemaps: [] };
}

const FIELDS = new Set(["loc", "lastmod", "link", "updated", "pubDate"]);
const ENTRIES = new Set(["url", "sitemap", "item", "entry"]);
const CONTAINERS = new Set(["urlset", "sitemapindex", "rss", "channel", "feed"]);

/** Elements that nothing is read from (pictures, translations) do not enter the tree. */
const parser = new XMLParser({
  ignoreAttributes: (name: string) => name !== "href",
  attributeNamePrefix: "",
  removeNSPrefix: true,
  parseTagValue: false,
  isArray: (name) => ENTRIES.has(name) || name === "link",
  updateTag: (name) => FIELDS.has(name) || ENTRIES.has(name) || CONTAINERS.has(name),
  processEntities: { maxTotalExpansions: 1_000_000, maxExpandedLength: MAX_SITEMAP_SIZE },
});

function readXml(text: string): Sitemap {
  const { urlset, sitemapindex, rss, feed } = parser.parse(text) as Record<string, Tree | undefined>;
  const channel = rss?.["channel"] as Tree | undefined;
  return {
    pages: [...entriesOf(urlset, "url"), ...entriesOf(channel, "item"), ...entriesOf(feed, "entry")],
    sitemaps: entriesOf(sitemapindex, "sitemap"),
  };
}

type Tree = Record<string, unknown>;

function entriesOf(parent: Tree | undefined, name: string): SitemapEntry[] {
  const elements = parent?.[name];
  if (!Array.isArray(elements)) return [];
  return elements.slice(0, MAX_ENTRIES).flatMap((element: unknown) => {
    if (typeof element !== "object" || element === null) return [];
    const { loc, link, lastmod, updated, pubDate } = element as Tree;
    const url = textOf(loc) ?? textOf(Array.isArray(link) ? link[0] : link);
    if (url === null) return [];
    const date = Date.parse(textOf(lastmod) ?? textOf(updated) ?? textOf(pubDate) ?? "");
    return [{ url, lastModified: Number.isNaN(date) ? null : date }];
  });
}

/** The text of an element, or its `href`. */
function textOf(element: unknown): string | null {
  const { href = element } = typeof element === "object" && element !== null ? (element as Tree) : { href: element };
  return typeof href === "string" && href.trim() !== "" ? href.trim() : null;
}
