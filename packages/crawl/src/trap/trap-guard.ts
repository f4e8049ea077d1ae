import { SeenUrls } from "../url/seen-urls.ts";
import { type Sight, newOn, sightOf, withoutTokens } from "./content-print.ts";
import { pathFault } from "./path-shape.ts";

/** When the crawler takes an endless supply of pages for a trap. */
export interface TrapOptions {
  /**
   * A chain of pages of one pattern, each found on the one before, is judged from this length on: when its pages show hardly
   * anything that the last ones did not show, the pattern is cut (calendars). Default: 20.
   */
  readonly chain?: number;
  /** A chain this long is cut whatever is in it. Default: 2,000. */
  readonly maxChain?: number;
  /**
   * A pattern is judged from this many pages on: when they are other pages once more, but for session ids and the like, it is cut.
   * Default: 30.
   */
  readonly duplicates?: number;
  /** How many pages a pattern may have. Default: any number. */
  readonly patternBudget?: number;
}

/** @throws {RangeError} for what is no number from 1. */
export function checkTraps({ chain, maxChain, duplicates, patternBudget }: TrapOptions): void {
  for (const [name, value] of Object.entries({ chain, maxChain, duplicates, patternBudget }))
    if (value !== undefined && !(value >= 1))
      throw new RangeError(`Cannot crawl: traps.${name} must be a number >= 1, received ${value}`);
}

/** Why a pattern is cut. */
export interface TrapCut {
  readonly pattern: string;
  readonly reason: string;
  readonly example: string;
}

/** So few new words, as the name of the month and the year, and a page has nothing new. */
const FEW_WORDS = 3;
/** So many of the last pages are looked at. */
const WINDOW = 20;
const SHARE = 0.9;
/** So many of the last pages of a chain are compared with. */
const KEPT = 4;
const CONTENTS_IN_MEMORY = 2_000_000;
/** When there are more patterns, those that few pages follow are forgotten: most of them are titles with a number in them. */
const MANY_PATTERNS = 50_000;
const FEW_PAGES = 5;
/** A pattern that is found sound is looked at less often, down to every so many pages. */
const RAREST = 32;

interface Pattern {
  pages: number;
  every: number;
  /** Of the last pages: whether each had nothing new, and whether it was known. */
  readonly stale: boolean[];
  readonly known: boolean[];
  readonly last: Sight[];
}

/** A pattern of which there can be more than one address. */
const isOpen = (pattern: string): boolean => /[#*?]/.test(pattern);

/**
 * Finds the pages that a site makes without end.
 *
 * What counts is what the pages hold, not how many there are: a shop with a million products is no trap. A pattern is cut when
 * its pages lead to more of themselves and show nothing new, or when they are others once more.
 */
export class TrapGuard {
  readonly #chain: number;
  readonly #maxChain: number;
  readonly #duplicates: number;
  readonly #budget: number;
  readonly #patterns = new Map<string, Pattern>();
  readonly #cut = new Set<string>();
  readonly #contents: SeenUrls;

  constructor(options: TrapOptions, seed: number) {
    checkTraps(options);
    const { chain = 20, maxChain = 2_000, duplicates = 30, patternBudget = Infinity } = options;
    this.#chain = chain;
    this.#maxChain = maxChain;
    this.#duplicates = duplicates;
    this.#budget = patternBudget;
    this.#contents = new SeenUrls(seed, CONTENTS_IN_MEMORY);
  }

  /** A pattern that an earlier run has cut. */
  restore(pattern: string): void {
    this.#cut.add(pattern);
  }

  isCut(pattern: string): boolean {
    return this.#cut.has(pattern);
  }

  /** Why an address is not to be followed, by its looks; null when it may be. */
  judge(url: URL): string | null {
    return pathFault(url);
  }

  /** A page has come: the cut that it leads to, or null. `html` is called when its content has to be looked at. */
  observe(url: string, pattern: string, chain: number, html: () => string): TrapCut | null {
    if (!isOpen(pattern) || this.#cut.has(pattern)) return null;
    let state = this.#patterns.get(pattern);
    if (state === undefined) {
      state = { pages: 0, every: 1, stale: [], known: [], last: [] };
      if (this.#patterns.size >= MANY_PATTERNS) this.#forgetSmall();
      this.#patterns.set(pattern, state);
    }
    state.pages++;
    const reason = this.#countFault(state, chain) ?? this.#contentFault(state, chain, html);
    if (reason === null) return null;
    this.#cut.add(pattern);
    this.#patterns.delete(pattern);
    return { pattern, reason, example: url };
  }

  #forgetSmall(): void {
    for (const [pattern, { pages }] of this.#patterns) if (pages < FEW_PAGES) this.#patterns.delete(pattern);
  }

  #countFault(state: Pattern, chain: number): string | null {
    if (state.pages >= this.#budget) return `the budget of ${this.#budget} pages is used up`;
    return chain >= this.#maxChain ? `a chain of ${chain} pages` : null;
  }

  #contentFault(state: Pattern, chain: number, html: () => string): string | null {
    if (state.pages % state.every !== 0) return null;
    const page = html();
    push(state.known, !this.#contents.add(withoutTokens(page)));
    const duplicates = shareOf(state.known);
    if (state.pages >= this.#duplicates && duplicates >= SHARE)
      return `${percent(duplicates)} of the last pages were others once more`;
    if (chain >= this.#chain) {
      const sight = sightOf(page);
      push(state.stale, state.last.length > 0 && newOn(sight, state.last) <= FEW_WORDS);
      state.last.unshift(sight);
      if (state.last.length > KEPT) state.last.pop();
      const stale = shareOf(state.stale);
      if (stale >= SHARE) return `a chain of ${chain} pages, ${percent(stale)} of the last with nothing new`;
    }
    const sound = duplicates < SHARE / 2 && shareOf(state.stale) < SHARE / 2;
    if (state.pages % WINDOW === 0)
      state.every = sound && state.pages >= WINDOW * 2 ? Math.min(state.every * 2, RAREST) : 1;
    return null;
  }
}

function push(window: boolean[], value: boolean): void {
  window.push(value);
  if (window.length > WINDOW) window.shift();
}

/** Of a full window; nothing is said before. */
function shareOf(window: readonly boolean[]): number {
  return window.length < WINDOW ? 0 : window.filter(Boolean).length / window.length;
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;
