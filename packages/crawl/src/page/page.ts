import type { HttpHeaders } from "@tsyncio/http";
import type { CheerioAPI } from "cheerio/slim";
import { PageClosedError } from "../errors.ts";
import { type UrlMatch, urlTest } from "../url/path-pattern.ts";
import { decodeText, type Decoded } from "./decode-text.ts";
import { PageDocument, type RawLink, saysNofollow } from "./document.ts";
import { type Extracted, type Extraction, checkExtraction, extract } from "./extract.ts";

/** A link of a page. */
export interface PageLink {
  /** Absolute and normalised. */
  readonly url: string;
  /** Its `rel`: `"next"`, `"nofollow"`; empty without one. */
  readonly rel: string;
}

/** What goes with an address that is found. */
export interface EnqueueOptions {
  /** The higher the sooner, within what the hosts allow. Default: 0. */
  readonly priority?: number;
  /** A word for the handler of that page: `page.label`. */
  readonly label?: string;
  /** Anything that JSON can hold, for the handler of that page: `page.data`. */
  readonly data?: unknown;
  /** Whether it counts as deep as this page, as the next page of a list does. Default: one deeper. */
  readonly sameDepth?: boolean;
}

/** Which links are followed, and how. */
export interface FollowOptions extends EnqueueOptions {
  /** Links that match this CSS selector, or are inside of what does. Default: all. */
  readonly selector?: string;
  /** Links whose address matches one of these. */
  readonly match?: UrlMatch | readonly UrlMatch[];
  /** Whether those marked `rel="nofollow"` are followed, and those of a page that says so. Default: as the crawl's `robots`. */
  readonly nofollow?: boolean;
}

/** What a page needs of the crawl. */
export interface PageContext {
  normalize(address: string, base: string): string | null;
  /** Whether an address belongs to the crawl. */
  offer(page: PageFacts, url: string, options: EnqueueOptions): boolean;
  save(item: unknown): void;
  readonly obeysNofollow: boolean;
}

/** What is known of a page. */
export interface PageFacts {
  readonly id: number;
  readonly url: string;
  readonly depth: number;
  readonly label: string | null;
  readonly data: string | null;
  readonly status: number;
  readonly headers: HttpHeaders;
  readonly bytes: Uint8Array;
  readonly fromCache: boolean;
  readonly mediaType: string;
}

const PAGINATION = "a[rel~=next], link[rel~=next], .next a, a.next, [aria-label~=Next]";

/**
 * A page that has come, for the handler of a crawl. Text, document and links are made when they are first asked for.
 *
 * What a handler saves and follows is stored together with the mark that the page is done, when the handler has ended well; of
 * one that throws, nothing is.
 */
export class Page {
  readonly #facts: PageFacts;
  readonly #context: PageContext;
  readonly #document: PageDocument;
  #decoded: Decoded | null = null;
  #base: string | null = null;
  #links: readonly PageLink[] | null = null;
  #open = true;

  /** @internal */
  constructor(facts: PageFacts, context: PageContext) {
    this.#facts = facts;
    this.#context = context;
    this.#document = new PageDocument(
      () => this.text,
      /[/+]xml$/.test(facts.mediaType) && !facts.mediaType.includes("xhtml"),
    );
  }

  /** Where it comes from. Redirects are pages of their own: this is the last of them. */
  get url(): string {
    return this.#facts.url;
  }

  get status(): number {
    return this.#facts.status;
  }

  get headers(): HttpHeaders {
    return this.#facts.headers;
  }

  /** How many links it is away from a start address. */
  get depth(): number {
    return this.#facts.depth;
  }

  /** What it was enqueued with. */
  get label(): string | null {
    return this.#facts.label;
  }

  /** What it was enqueued with; undefined for nothing. */
  get data(): unknown {
    return this.#facts.data === null ? undefined : JSON.parse(this.#facts.data);
  }

  /** `"text/html"`; empty when the server does not say it. */
  get contentType(): string {
    return this.#facts.mediaType;
  }

  /** The body, decompressed. */
  get bytes(): Uint8Array {
    return this.#facts.bytes;
  }

  /** Whether it comes out of the cache: it has not changed since an earlier crawl. */
  get fromCache(): boolean {
    return this.#facts.fromCache;
  }

  /** The body as text, in the charset that its byte order mark, its headers or it itself names. It never throws. */
  get text(): string {
    return this.#text().text;
  }

  /** The encoding that the text was read in, as the Encoding Standard names it: `"utf-8"`, `"windows-1251"`. */
  get charset(): string {
    return this.#text().charset;
  }

  /**
   * The document, as [cheerio](https://cheerio.js.org) gives it: `page.$("h1").text()`. It is parsed at the first use, by
   * htmlparser2. The one type in this package that is a library's: a selector engine is an interface of a hundred methods,
   * which nobody should learn twice.
   */
  get $(): CheerioAPI {
    return this.#document.tree;
  }

  /** The body, read as JSON. @throws {SyntaxError} for what is none. */
  json<T = any>(): T {
    return JSON.parse(this.text) as T;
  }

  /** The address in `<link rel="canonical">`, absolute; null when there is none. */
  get canonical(): string | null {
    const { canonical } = this.#document.outline;
    return canonical === null ? null : this.absolute(canonical);
  }

  /** Whether it asks robots not to follow its links, by `<meta name="robots">` or `X-Robots-Tag`. */
  get nofollow(): boolean {
    return this.#document.outline.nofollow || saysNofollow(this.headers.get("x-robots-tag") ?? "");
  }

  /** Its links to what a crawler can fetch, each once, in their order. */
  get links(): readonly PageLink[] {
    return (this.#links ??= this.#resolve(this.#document.outline.links));
  }

  /** An address of this page in its absolute, normalised form; null for one that a crawler cannot fetch. */
  absolute(address: string): string | null {
    return this.#context.normalize(address, this.#baseUrl());
  }

  /** Reads fields by selectors. @throws {ExtractError} for a required field that is not there. */
  extract<const E extends Extraction>(extraction: E): Extracted<E> {
    checkExtraction(extraction);
    return extract(this, extraction);
  }

  /** Stores something that was found here: anything that JSON can hold. */
  save(item: unknown): void {
    this.#check("save an item");
    this.#context.save(item);
  }

  /**
   * Has a page crawled, once, unless it is out of scope. True when it belongs to the crawl, also when it was known.
   *
   * @param address absolute, or relative to this page.
   */
  enqueue(address: string | URL, options: EnqueueOptions = {}): boolean {
    this.#check("enqueue");
    const url = this.absolute(String(address));
    return url !== null && this.#context.offer(this.#facts, url, options);
  }

  /**
   * Follows links: all of them, those that a selector finds, or as the options say. Gives how many belong to the crawl, those that
   * were known among them.
   */
  follow(which: string | FollowOptions = {}): number {
    this.#check("follow links");
    const { selector, match, nofollow, ...options } = typeof which === "string" ? { selector: which } : which;
    const obeys = nofollow === undefined ? this.#context.obeysNofollow : !nofollow;
    if (obeys && this.nofollow) return 0;
    const tests = match === undefined ? null : [match].flat().map((one) => urlTest(one as UrlMatch, "follow.match"));
    let count = 0;
    for (const { url, rel } of selector === undefined ? this.links : this.#select(selector)) {
      if (obeys && rel.includes("nofollow")) continue;
      if (tests !== null && !tests.some((test) => test(new URL(url)))) continue;
      if (this.#context.offer(this.#facts, url, options)) count++;
    }
    return count;
  }

  /**
   * Follows the link to the next page of a list, as deep as this one and before others.
   *
   * @param selector Default: what is marked `rel="next"`, or called so by its class.
   */
  paginate(selector: string = PAGINATION): boolean {
    return this.follow({ selector, sameDepth: true, priority: 1, label: this.label ?? undefined } as FollowOptions) > 0;
  }

  /** @internal From here on nothing can be saved or followed. */
  close(): void {
    this.#open = false;
  }

  #check(what: string): void {
    if (this.#open) return;
    throw new PageClosedError(
      `Cannot ${what} of ${this.url}: its handler has ended, or had no time left; await everything inside of it`,
    );
  }

  #text(): Decoded {
    return (this.#decoded ??= decodeText(this.#facts.bytes, this.headers.get("content-type")));
  }

  #baseUrl(): string {
    if (this.#base !== null) return this.#base;
    const { base } = this.#document.outline;
    const resolved = base === null || !URL.canParse(base, this.url) ? this.url : new URL(base, this.url).href;
    return (this.#base = resolved);
  }

  #resolve(raw: Iterable<RawLink>): PageLink[] {
    const links = new Map<string, PageLink>();
    const met = new Set<string>();
    for (const { href, rel } of raw) {
      if (met.has(href)) continue;
      met.add(href);
      const url = this.absolute(href);
      if (url !== null && !links.has(url)) links.set(url, { url, rel });
    }
    return [...links.values()];
  }

  #select(selector: string): PageLink[] {
    const { $ } = this;
    const raw: RawLink[] = [];
    const found = $(selector);
    for (const element of found.add(found.find("a[href], area[href]")).toArray()) {
      const { href, src, rel = "" } = (element as { attribs?: Record<string, string> }).attribs ?? {};
      const address = href ?? src;
      if (address !== undefined) raw.push({ href: address, rel: rel.toLowerCase() });
    }
    return this.#resolve(raw);
  }
}

/** The page of an answer, and what closes it: from then on nothing can be saved or followed. */
export function openPage(facts: PageFacts, context: PageContext): { readonly page: Page; readonly close: () => void } {
  const page = new Page(facts, context);
  return { page, close: () => page.close() };
}
