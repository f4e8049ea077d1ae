import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { MAX_SITEMAP_SIZE, readSitemap } from "../../src/sitemap/read-sitemap.ts";

const read = (text: string) => readSitemap(Buffer.from(text));
const NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"';
const date = Date.UTC(2024, 0, 2);

describe("a sitemap", () => {
  test("has pages with the date of their change", () =>
    expect(
      read(
        `<?xml version="1.0"?><urlset ${NAMESPACE}><url><lastmod>2024-01-02</lastmod><loc> http://a.example/?x=1&amp;y=2 </loc></url><url><loc><![CDATA[http://a.example/b]]></loc><lastmod>soon</lastmod></url></urlset>`,
      ).pages,
    ).toEqual([
      { url: "http://a.example/?x=1&y=2", lastModified: date },
      { url: "http://a.example/b", lastModified: null },
    ]));
  test("may be an index of others", () =>
    expect(
      read(`<sitemapindex ${NAMESPACE}><sitemap><loc>http://a.example/1.xml</loc></sitemap></sitemapindex>`),
    ).toEqual({
      pages: [],
      sitemaps: [{ url: "http://a.example/1.xml", lastModified: null }],
    }));
  test("may be gzipped", () =>
    expect(readSitemap(gzipSync(`<urlset><url><loc>http://a.example/</loc></url></urlset>`)).pages).toHaveLength(1));
  test("may have a prefix, pictures and translations", () =>
    expect(
      read(
        `<s:urlset xmlns:s="x"><s:url><s:loc>http://a.example/</s:loc><image:image><image:loc>http://a.example/p.png</image:loc></image:image><xhtml:link rel="alternate" href="http://a.example/de"/></s:url></s:urlset>`,
      ).pages,
    ).toEqual([{ url: "http://a.example/", lastModified: null }]));
  test("may be plain text", () =>
    expect(read("\ufeffhttp://a.example/1\r\n\nno address\nhttps://a.example/2").pages.map(({ url }) => url)).toEqual([
      "http://a.example/1",
      "https://a.example/2",
    ]));
  test("may be a feed", () => {
    expect(
      read(`<feed><entry><link href="http://a.example/1"/><updated>2024-01-02</updated></entry></feed>`).pages,
    ).toEqual([{ url: "http://a.example/1", lastModified: date }]);
    expect(read(`<rss><channel><item><link>http://a.example/2</link></item></channel></rss>`).pages).toEqual([
      { url: "http://a.example/2", lastModified: null },
    ]);
  });
  test("that is cut off has what it has", () =>
    expect(read(`<urlset><url><loc>http://a.example/1</loc></url><url><loc>http://a.ex`).pages).toEqual([
      { url: "http://a.example/1", lastModified: null },
    ]));
  test("that is something else has nothing", () =>
    expect(read("<html><body>sorry</body></html>")).toEqual({ pages: [], sitemaps: [] }));
  test("has 50,000 addresses at most", () =>
    expect(read(`<urlset>${"<url><loc>http://a.example/</loc></url>".repeat(50_001)}</urlset>`).pages).toHaveLength(
      50_000,
    ));
  test("that explodes when it is unzipped is not read", () =>
    expect(() => readSitemap(gzipSync(Buffer.alloc(MAX_SITEMAP_SIZE + 1)))).toThrow(/larger than/));
  test("cannot blow up by its entities", () => {
    const levels = Array.from({ length: 9 }, (_, i) => `<!ENTITY e${i + 1} "${`&e${i};`.repeat(10)}">`).join("");
    expect(() =>
      read(`<!DOCTYPE x [<!ENTITY e0 "boom">${levels}]><urlset><url><loc>&e9;</loc></url></urlset>`),
    ).not.toThrow();
  });
});
