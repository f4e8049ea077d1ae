import type { Page } from "@tsyncio/crawl";
import type { CheerioAPI } from "cheerio/slim";
import { UnreadableError } from "../collect/source.ts";

/**
 * A page of the observatory's site.
 *
 * @throws {UnreadableError} when it ends too early
 */
export function wholePage(page: Page): CheerioAPI {
  if (!page.text.trimEnd().endsWith("</html>")) throw new UnreadableError("the page is not whole");
  return page.$;
}
