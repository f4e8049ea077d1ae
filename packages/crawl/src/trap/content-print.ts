import { isToken } from "../url/url-pattern.ts";

const TAGS = /<(script|style)\b[^]*?<\/\1\s*>|<!--[^]*?-->|<[^>]*>/gi;
const WORDS = /[\w-]{8,}/g;
const MEDIA = /<(?:img|video|audio|source|embed)\b[^>]*?\s(?:data-)?src\s*=\s*["']?([^"'\s>]+)/gi;

/** The page without what a machine has made for this one answer: session ids, nonces. Equal ones are the same page. */
export function withoutTokens(html: string): string {
  return html.replace(WORDS, (word) => (isToken(word) ? "*" : word));
}

/** What there is to see on a page: its words, numbers among them, and its pictures. */
export interface Sight {
  readonly words: ReadonlySet<string>;
  readonly media: ReadonlySet<string>;
}

export function sightOf(html: string): Sight {
  const words = new Set(html.replace(TAGS, " ").trim().split(/\s+/));
  const media = new Set([...html.matchAll(MEDIA)].map(([, src]) => src!));
  return { words, media };
}

/** How many words a page has that none of the others has; a picture that none of them has counts for any number of words. */
export function newOn({ words, media }: Sight, others: readonly Sight[]): number {
  for (const src of media) if (!others.some((other) => other.media.has(src))) return Infinity;
  let count = 0;
  for (const word of words) if (!others.some((other) => other.words.has(word))) count++;
  return count;
}
