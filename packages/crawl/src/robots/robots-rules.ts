import robotsParser from "robots-parser";

/** A function, whatever its types say: they are written for a module with a default, and it is one of CommonJS. */
const parse = robotsParser as unknown as typeof robotsParser.default;

/** More than that of a robots.txt is not read: RFC 9309 asks for at least 500 KiB. */
export const MAX_ROBOTS_SIZE: number = 512 * 1024;

/** What a robots.txt says to one crawler. */
export interface RobotsRules {
  allows(url: string): boolean;
  /** The time between two requests that it asks for, in milliseconds; null when it says nothing. */
  readonly crawlDelay: number | null;
  readonly sitemaps: readonly string[];
}

/** There is no robots.txt: all may be fetched. */
export const ALLOW_ALL: RobotsRules = { allows: () => true, crawlDelay: null, sitemaps: [] };
/** Its server cannot be reached or fails: nothing may be fetched. */
export const DISALLOW_ALL: RobotsRules = { allows: () => false, crawlDelay: null, sitemaps: [] };

/**
 * Reads a robots.txt.
 *
 * @param agent the product token of the crawler: `"examplebot"`.
 * @see https://www.rfc-editor.org/rfc/rfc9309
 */
export function readRobots(url: string, text: string, agent: string): RobotsRules {
  const robots = parse(url, text.replace(/^\ufeff/, ""));
  const delay = robots.getCrawlDelay(agent);
  return {
    allows: (address) => robots.isAllowed(address, agent) !== false,
    crawlDelay: typeof delay === "number" && delay > 0 && delay < Infinity ? delay * 1000 : null,
    sitemaps: robots.getSitemaps(),
  };
}

/** The product token of a user agent: `"ExampleBot/2.1 (+https://…)"` is `"ExampleBot"` in a robots.txt. */
export function productToken(userAgent: string): string {
  return /^[\w.-]+/.exec(userAgent)?.[0] ?? userAgent;
}
