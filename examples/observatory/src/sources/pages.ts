import { createHash } from "node:crypto";
import { load } from "cheerio";
import type { Source } from "../collect/source.ts";

/** Any page of the web: a record for each URL that was asked for, also for those that did not answer. */
export const pages: Source = {
  name: "pages",
  table: {
    columns: {
      url: "TEXT",
      status: "INTEGER",
      title: "TEXT",
      bytes: "INTEGER",
      links: "INTEGER",
      sha256: "TEXT",
      milliseconds: "INTEGER",
      failure: "TEXT",
      collected: "TEXT",
    },
    key: ["url"],
  },
  read(url, { status, headers, body, milliseconds }) {
    const isHtml = /html/i.test(headers["content-type"] ?? "");
    const $ = isHtml ? load(body) : undefined;
    const record = {
      url,
      status,
      title: $?.("title").first().text().trim().replace(/\s+/g, " ") || null,
      bytes: body.length,
      links: $?.("a[href]").length ?? 0,
      sha256: createHash("sha256").update(body).digest("hex"),
      milliseconds: Math.round(milliseconds),
      collected: new Date().toISOString(),
    };
    return { records: [record], found: [] };
  },
  readFailure: (url, failure, status) => ({ url, status, failure, collected: new Date().toISOString() }),
};
