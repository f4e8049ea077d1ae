import { type UrlMatch, urlTest } from "../url/path-pattern.ts";

/** Why an address is not crawled. */
export type OutOfScope = "site" | "include" | "exclude" | "depth" | "extension" | "length";

/** What belongs to a crawl. Everything that is given must hold. */
export interface ScopeOptions {
  /**
   * Which sites. `"host"`: the hosts of the start addresses; `"domain"`: those and their sub-domains, and with `www.`
   * removed; `"any"`: all. Or names, of any port unless they have one: `["example.com", "*.example.org"]`. Default: `"host"`.
   */
  readonly sites?: "host" | "domain" | "any" | readonly string[];
  /** Only addresses that match one of these; start addresses always belong. `"/blog/*"` is matched with path and query. */
  readonly include?: readonly UrlMatch[];
  /** No address that matches one of these. */
  readonly exclude?: readonly UrlMatch[];
  /** How many links away from a start address. Default: any number. */
  readonly depth?: number;
  /** Addresses that are longer are not followed. Default: 2,000 characters. */
  readonly maxUrlLength?: number;
  /** Media types that are pages, `*` allowed: `["text/*", "application/pdf"]`. Default: HTML and XHTML. */
  readonly contentTypes?: readonly string[];
}

const HTML = ["text/html", "application/xhtml+xml"];
const MAX_URL_LENGTH = 2_000;

/** Files that are no pages, by the end of their path. They are asked for all the same when `contentTypes` is given. */
const FILES =
  /\.(?:7z|aac|apk|avi|avif|bin|bmp|bz2|css|csv|dmg|docx?|eot|epub|exe|flac|flv|gif|gz|ico|iso|jar|jpe?g|js|m4[av]|mjs|mkv|mov|mp[34]|mpe?g|msi|od[pst]|ogg|otf|pdf|png|pptx?|psd|rar|rpm|rss|svg|tar|tgz|tiff?|ttf|wasm|wav|web[mp]|wmv|woff2?|xlsx?|xml|xz|zip|zst)$/i;

/** Says which addresses and which content belong to a crawl. */
export class Scope {
  readonly #sites: "host" | "domain" | "any" | "names";
  readonly #hosts = new Set<string>();
  readonly #domains = new Set<string>();
  readonly #include: readonly ((url: URL) => boolean)[];
  readonly #exclude: readonly ((url: URL) => boolean)[];
  readonly #filesToo: boolean;
  readonly #contentTypes: readonly RegExp[];
  readonly #maxUrlLength: number;
  readonly depth: number;

  constructor(options: ScopeOptions) {
    const { sites = "host", include = [], exclude = [], depth = Infinity, contentTypes } = options;
    const { maxUrlLength = MAX_URL_LENGTH } = options;
    if (!(depth >= 0))
      throw new RangeError(`Cannot crawl: scope.depth must be a number >= 0, received ${String(depth)}`);
    if (!(maxUrlLength > 0))
      throw new RangeError(`Cannot crawl: scope.maxUrlLength must be a number > 0, received ${String(maxUrlLength)}`);
    this.depth = depth;
    this.#maxUrlLength = maxUrlLength;
    this.#include = include.map((match) => urlTest(match, "scope.include"));
    this.#exclude = exclude.map((match) => urlTest(match, "scope.exclude"));
    this.#filesToo = contentTypes !== undefined;
    this.#contentTypes = (contentTypes ?? HTML).map(mediaTypePattern);
    this.#sites = typeof sites === "string" ? sites : "names";
    if (typeof sites !== "string") for (const name of sites) this.#addName(name);
    else if (!["host", "domain", "any"].includes(sites))
      throw new TypeError(`Cannot crawl: scope.sites must be "host", "domain", "any" or names, received "${sites}"`);
  }

  /** A start address, or what one was redirected to: its site belongs to the crawl. */
  addStart(url: URL): void {
    if (this.#sites === "host") this.#hosts.add(url.host);
    if (this.#sites === "domain") this.#domains.add(url.hostname.replace(/^www\./, ""));
  }

  /** Why an address that was found does not belong to the crawl; null when it does. */
  judge(url: URL, depth: number): OutOfScope | null {
    if (depth > this.depth) return "depth";
    if (!this.#hasSite(url)) return "site";
    if (url.href.length > this.#maxUrlLength) return "length";
    if (this.#include.length > 0 && !this.#include.some((test) => test(url))) return "include";
    if (this.#exclude.some((test) => test(url))) return "exclude";
    if (!this.#filesToo && FILES.test(url.pathname)) return "extension";
    return null;
  }

  /** Whether content of this media type (`"text/html"`) is a page. None at all is taken for one: old servers say nothing. */
  hasContentType(type: string): boolean {
    return type === "" || this.#contentTypes.some((pattern) => pattern.test(type));
  }

  #hasSite({ host, hostname }: URL): boolean {
    if (this.#sites === "any" || this.#hosts.has(host)) return true;
    if (this.#sites === "names" && this.#hosts.has(hostname)) return true;
    if (this.#domains.size === 0) return false;
    for (let name = hostname; ;) {
      if (this.#domains.has(name)) return true;
      const dot = name.indexOf(".");
      if (dot === -1) return false;
      name = name.slice(dot + 1);
    }
  }

  #addName(name: string): void {
    if (typeof name !== "string" || !/^(?:\*\.)?[^\s/*@?#]+$/.test(name))
      throw new TypeError(
        `Cannot crawl: scope.sites has no name of a host in "${String(name)}"; write "example.com" or "*.example.com"`,
      );
    const lower = name.toLowerCase();
    if (lower.startsWith("*.")) this.#domains.add(lower.slice(2));
    else this.#hosts.add(lower);
  }
}

function mediaTypePattern(type: string): RegExp {
  if (typeof type !== "string" || !type.includes("/"))
    throw new TypeError(`Cannot crawl: scope.contentTypes has no media type in "${String(type)}"; write "text/html"`);
  const escaped = type
    .toLowerCase()
    .split("*")
    .map((text) => text.replace(/[.+?^$()[\]{}|\\]/g, "\\$&"));
  return new RegExp(`^${escaped.join("[^;]*")}$`);
}
