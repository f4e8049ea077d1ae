import { load, type CheerioAPI } from "cheerio";
import type { Answer } from "../collect/client.ts";
import { UnreadableError } from "../collect/source.ts";

/**
 * A whole page of the observatory's site.
 *
 * @throws {UnreadableError} when it ends too early
 */
export function wholePage(answer: Answer): CheerioAPI {
  const text = answer.body.toString("utf8");
  if (!text.trimEnd().endsWith("</html>")) throw new UnreadableError("the page is not whole");
  return load(text);
}

/** Where the links lead that a selector matches. */
export function links($: CheerioAPI, selector: string): string[] {
  return $(selector)
    .map((_, link) => $(link).attr("href"))
    .get();
}
