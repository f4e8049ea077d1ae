import type { Scope } from "../scope/scope.ts";
import type { CrawlStore, LeftOut } from "../store/crawl-store.ts";
import type { TrapGuard } from "../trap/trap-guard.ts";
import { SeenUrls } from "../url/seen-urls.ts";
import { urlPattern } from "../url/url-pattern.ts";

/** Addresses that are remembered as left out, so that each counts once. */
const REMEMBERED = 1_000_000;
/** Above that the store is asked. */
const SEEN_IN_MEMORY = 16_000_000;

/** What the gate says to an address. */
export type Verdict = "new" | "known" | "out";

/** Decides, address by address, what enters the crawl, and counts what does not, by its reason. */
export class Gate {
  readonly #scope: Scope;
  readonly #guard: TrapGuard | null;
  readonly #seen: SeenUrls;
  readonly #out: SeenUrls;
  readonly #tooDeep: SeenUrls;
  #leftOut = new Map<string, { reason: string; pattern: string; count: number; example: string }>();

  constructor(scope: Scope, guard: TrapGuard | null, store: CrawlStore, seed: number) {
    this.#scope = scope;
    this.#guard = guard;
    this.#seen = new SeenUrls(seed, SEEN_IN_MEMORY);
    this.#out = new SeenUrls(seed, REMEMBERED);
    this.#tooDeep = new SeenUrls(seed, REMEMBERED);
    for (const url of store.urls()) this.#seen.add(url);
  }

  /** Whether a normalised address belongs to the crawl. One that does is known only after `enter()`. */
  judge(url: string, depth: number): Verdict {
    if (this.#seen.has(url)) return "known";
    if (this.#out.has(url)) return "out";
    const parsed = new URL(url);
    const reason = this.#scope.judge(parsed, depth);
    if (reason === "depth") {
      if (this.#tooDeep.add(url)) this.leaveOut("depth", "", url);
      return "out";
    }
    if (reason !== null) return this.#reject(reason, "", url);
    const fault = this.#guard?.judge(parsed) ?? null;
    if (fault !== null) return this.#reject(`trap: ${fault}`, parsed.origin, url);
    if (this.#guard !== null) {
      const pattern = urlPattern(url);
      if (this.#guard.isCut(pattern)) return this.#reject("trap", pattern, url);
    }
    return "new";
  }

  /** Whether the address is in the store. */
  isKnown(url: string): boolean {
    return this.#seen.has(url);
  }

  /** The address is in the store from now on. */
  enter(url: string): void {
    this.#seen.add(url);
  }

  /** Counts an address that is left out. */
  leaveOut(reason: string, pattern: string, url: string): void {
    const key = `${reason} ${pattern}`;
    const entry = this.#leftOut.get(key);
    if (entry === undefined) this.#leftOut.set(key, { reason, pattern, count: 1, example: url });
    else entry.count++;
  }

  /** What was left out since it was asked last. */
  takeLeftOut(): LeftOut[] {
    const entries = [...this.#leftOut.values()];
    this.#leftOut = new Map();
    return entries;
  }

  #reject(reason: string, pattern: string, url: string): "out" {
    this.#out.add(url);
    this.leaveOut(reason, pattern, url);
    return "out";
  }
}
