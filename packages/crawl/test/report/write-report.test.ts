import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseHTML } from "linkedom";
import { run } from "tsyncio";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { crawl } from "@tsyncio/crawl";
import { links, loopback } from "../crawler/loopback.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "crawl-report-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function report(pages: Parameters<typeof loopback>[0]) {
  await using server = await loopback(pages);
  const file = join(folder, "report.html");
  const facts = await run(crawl({ start: server.origin, report: file, robots: false }));
  const html = readFileSync(file, "utf8");
  const { document } = parseHTML(html);
  const text = (selector: string) => [...document.querySelectorAll(selector)].map((element) => element.textContent);
  return { facts, html, text, origin: server.origin };
}

describe("a report", () => {
  test("has figures, pictures and tables", async () => {
    const { text, origin } = await report({
      "/": links("/a", "/b?x=<i>", "/gone", "/f.pdf"),
      "/a": "",
      "/b?x=%3Ci%3E": "",
    });
    expect(text("h2")).toEqual([
      "Pages over time",
      "Pages by host",
      "Answers by status",
      "Slowest pages",
      "Not fetched, or not read",
      "Not followed",
      "Hosts",
    ]);
    expect(text(".figures li").slice(0, 2)).toEqual(["3pages", "0items"]);
    expect(text("svg")).toHaveLength(4);
    expect(text("svg").join(" ")).toContain(origin);
    expect(text("td")).toContain("failed: status 404");
  });

  test("shows addresses as text", async () => {
    const { html } = await report({ "/": links("/x.pdf?'<script>alert(1)</script>") });
    expect(html).not.toContain("<script>");
  });

  test("has no pictures of answers when there were none", async () => {
    const { text, facts } = await report({ "/": (request) => request.socket.destroy() });
    expect(facts.pages.done).toBe(0);
    expect(text("h2")).toEqual(["Pages by host", "Slowest pages", "Not fetched, or not read", "Hosts"]);
  });
});
