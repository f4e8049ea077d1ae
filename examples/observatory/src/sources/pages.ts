import { createHash } from "node:crypto";
import { loadBuffer, type CheerioAPI } from "cheerio";
import type { HttpResponse } from "@tsyncio/http";
import type { FetchedSource } from "../collect/source.ts";

/** Any page of the web: a record for each URL that was asked for, also for those that did not answer. */
export const pages: FetchedSource = {
  name: "pages",
  table: {
    columns: {
      url: "TEXT",
      status: "INTEGER",
      title: "TEXT",
      bytes: "INTEGER",
      /** A JSON array of absolute URLs: `SELECT value FROM pages, json_each(links)`. */
      links: "TEXT",
      sha256: "TEXT",
      milliseconds: "INTEGER",
      failure: "TEXT",
      collected: "TEXT",
    },
    key: ["url"],
  },
  read(url, answer) {
    const $ = htmlOf(answer);
    const record = {
      url,
      status: answer.status,
      title: $?.("title").first().text().trim().replace(/\s+/g, " ") || null,
      bytes: answer.bytes.length,
      links: $ ? JSON.stringify(linksOf($, answer.url)) : null,
      sha256: createHash("sha256").update(answer.bytes).digest("hex"),
      milliseconds: Math.round(answer.elapsed),
      collected: new Date().toISOString(),
    };
    return { records: [record], found: [] };
  },
  readFailure: (url, failure, status) => ({ url, status, failure, collected: new Date().toISOString() }),
};

/** Undefined for what is not HTML. The encoding is what the server says, or the page, or else UTF-8. */
function htmlOf({ headers, bytes }: HttpResponse): CheerioAPI | undefined {
  const type = headers.get("content-type") ?? "";
  if (!/html/i.test(type)) return undefined;
  const transportLayerEncodingLabel = /charset="?([^\s;"]+)/i.exec(type)?.[1];
  // The parser that takes linear time: others are busy for minutes with a page of a hundred thousand open elements.
  return loadBuffer(Buffer.from(bytes), {
    xml: { xmlMode: false },
    encoding: { transportLayerEncodingLabel, defaultEncoding: "utf8" },
  });
}

/** Where the page's links lead: http and https only, each once, without fragments. */
function linksOf($: CheerioAPI, url: string): string[] {
  const baseHref = $("base[href]").first().attr("href");
  const base = baseHref !== undefined && URL.canParse(baseHref, url) ? new URL(baseHref, url).href : url;
  const links = $("a[href]")
    .map((_, link) => withoutFragment($(link).attr("href")!, base))
    .get();
  return [...new Set(links)];
}

function withoutFragment(href: string, base: string): string | undefined {
  if (!URL.canParse(href, base)) return undefined;
  const link = new URL(href, base);
  link.hash = "";
  return /^https?:$/.test(link.protocol) ? link.href : undefined;
}
