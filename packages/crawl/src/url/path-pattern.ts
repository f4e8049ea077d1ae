/** Which addresses: text with `*` (anything) is matched with path and query, or with the whole when it has a scheme. */
export type UrlMatch = string | RegExp | ((url: URL) => boolean);

/** A test for addresses from what a user writes. @throws {TypeError} for anything else. */
export function urlTest(match: UrlMatch, what: string): (url: URL) => boolean {
  if (typeof match === "function") return match;
  if (match instanceof RegExp) {
    // The place where a global expression goes on would be carried from one address to the next.
    const expression = new RegExp(match.source, match.flags.replace(/[gy]/g, ""));
    return (url) => expression.test(url.href);
  }
  if (typeof match !== "string" || match === "")
    throw new TypeError(`Cannot crawl: ${what} must be text, a RegExp or a function, received ${String(match)}`);
  const escaped = match.split("*").map((text) => text.replace(/[\\^$.+?()[\]{}|/]/g, "\\$&"));
  const expression = new RegExp(`^${escaped.join(".*")}$`);
  if (match.includes("://")) return (url) => expression.test(url.href);
  return (url) => expression.test(url.pathname) || expression.test(url.pathname + url.search);
}
