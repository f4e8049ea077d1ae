import { HttpHeaders } from "@tsyncio/http";
import { describe, expect, expectTypeOf, test } from "vitest";
import { ExtractError, PageClosedError } from "@tsyncio/crawl";
import { type EnqueueOptions, openPage } from "../../src/page/page.ts";
import { UrlNormalizer } from "../../src/url/url-normalizer.ts";

const normalizer = new UrlNormalizer();

function pageOf(html: string, headers: Record<string, string> = {}, mediaType = "text/html") {
  const offered: [url: string, options: EnqueueOptions][] = [];
  const saved: unknown[] = [];
  const facts = {
    id: 1,
    url: "http://a.example/dir/page",
    depth: 2,
    label: "list",
    data: '{"n":1}',
    status: 200,
    headers: new HttpHeaders(headers),
    bytes: Buffer.from(html),
    fromCache: false,
    mediaType,
  };
  const { page, close } = openPage(facts, {
    normalize: (address, base) => normalizer.normalize(address, base),
    obeysNofollow: true,
    save: (item) => saved.push(item),
    offer: (_, url, options) => {
      offered.push([url, options]);
      return !url.includes("outside");
    },
  });
  return { page, close, offered, saved, urls: () => offered.map(([url]) => url) };
}

describe("the links of a page", () => {
  const html = `<a href="x">1</a><a href="/y#z">2</a><a href="x">1</a><area href="//b.example/"><a href="mailto:a@b">m</a>
    <a>none</a><iframe src="frame"></iframe><link rel="next" href="?page=2"><link rel="stylesheet" href="s.css">`;
  const expected = [
    "http://a.example/dir/x",
    "http://a.example/y",
    "http://b.example/",
    "http://a.example/dir/frame",
    "http://a.example/dir/page?page=2",
  ];
  test("are absolute, normalised, each once", () =>
    expect(pageOf(html).page.links.map(({ url }) => url)).toEqual(expected));
  test("are the same when the document was made before", () => {
    const { page } = pageOf(html);
    expect(page.$("a").length).toBe(5);
    expect(page.links.map(({ url }) => url)).toEqual(expected);
  });
  test("are relative to the base that the page names", () =>
    expect(pageOf(`<base href="/root/"><a href="x">`).page.links).toEqual([
      { url: "http://a.example/root/x", rel: "" },
    ]));
  test("are not those of scripts and comments", () =>
    expect(pageOf(`<script>"<a href=/x>"</script><!-- <a href=/y> -->`).page.links).toEqual([]));
});

describe("following", () => {
  const html = `<div class="n"><a href="/1">1</a></div><a class="n" href="/2">2</a><a rel="nofollow" href="/3">3</a><a href="/outside">4</a>`;
  test("follows all links but those marked nofollow", () => {
    const { page, urls } = pageOf(html);
    expect(page.follow()).toBe(2);
    expect(urls()).toEqual(["http://a.example/1", "http://a.example/2", "http://a.example/outside"]);
  });
  test("follows what a selector finds, and what is inside of it", () => {
    const { page, urls } = pageOf(html);
    expect(page.follow(".n")).toBe(2);
    expect(urls()).toEqual(["http://a.example/1", "http://a.example/2"]);
  });
  test("follows what matches, with what goes with it", () => {
    const { page, offered } = pageOf(html);
    page.follow({ match: ["/1", /3$/], nofollow: true, label: "x", priority: 2 });
    expect(offered).toEqual([
      ["http://a.example/1", { label: "x", priority: 2 }],
      ["http://a.example/3", { label: "x", priority: 2 }],
    ]);
  });
  test.each([
    ["a meta element", `<meta name="robots" content="noindex, NoFollow"><a href="/1">`, {}],
    ["a header", `<a href="/1">`, { "x-robots-tag": "nofollow" }],
  ])("follows nothing when %s says so, unless it is told to", (_, page, headers) => {
    expect(pageOf(page, headers as Record<string, string>).page.follow()).toBe(0);
    expect(pageOf(page, headers as Record<string, string>).page.follow({ nofollow: true })).toBe(1);
  });
  test("goes to the next page of a list, as deep as this one", () => {
    const { page, offered } = pageOf(`<a href="/list?page=1">1</a><a rel="next" href="/list?page=2">&gt;</a>`);
    expect(page.paginate()).toBe(true);
    expect(offered).toEqual([["http://a.example/list?page=2", { sameDepth: true, priority: 1, label: "list" }]]);
    expect(pageOf("<p>").page.paginate()).toBe(false);
  });
  test("enqueues an address", () => {
    const { page, urls } = pageOf("");
    expect([page.enqueue("../z"), page.enqueue("mailto:x"), page.enqueue("/outside")]).toEqual([true, false, false]);
    expect(urls()).toEqual(["http://a.example/z", "http://a.example/outside"]);
  });
});

test("a page knows what it was enqueued with and what it is", () => {
  const { page } = pageOf(`<link rel="canonical" href="/c"><p>é`, { "content-type": "text/html" });
  expect([page.label, page.data, page.depth, page.status, page.canonical, page.charset]).toEqual([
    "list",
    { n: 1 },
    2,
    200,
    "http://a.example/c",
    "utf-8",
  ]);
});

test("a page of XML is read as XML", () => {
  const { page } = pageOf("<feed><Link>text</Link></feed>", {}, "application/atom+xml");
  expect(page.$("Link").text()).toBe("text");
});

test("a page that is closed takes nothing", () => {
  const { page, close, saved } = pageOf(`<a href="/1">`);
  close();
  for (const use of [() => page.save(1), () => page.follow(), () => page.enqueue("/x")])
    expect(use).toThrow(PageClosedError);
  expect(() => page.save(1)).toThrow(
    "Cannot save an item of http://a.example/dir/page: its handler has ended, or had no time left; await everything inside of it",
  );
  expect(saved).toEqual([]);
});

describe("extraction", () => {
  const html = `<h1> A  title </h1><span class="price">1.299,50 €</span><a class="more" href="/m">more</a><time>2024-01-02</time>
    <div class="offer"><b>One</b><i>1</i></div><div class="offer"><b>Two</b></div><p>x <em>y</em></p>`;
  test("reads fields, each as it says", () => {
    const result = pageOf(html).page.extract({
      title: "h1",
      price: { selector: ".price", as: "number" },
      more: { selector: ".more", attr: "href", as: "url" },
      when: { selector: "time", as: "date" },
      html: { selector: "p", as: "html" },
      length: { selector: "h1", as: (text) => text.length },
      none: "h6",
    });
    expect(result).toEqual({
      title: "A title",
      price: 1299.5,
      more: "http://a.example/m",
      when: new Date("2024-01-02"),
      html: "x <em>y</em>",
      length: 7,
      none: null,
    });
    expectTypeOf(result.title).toEqualTypeOf<string | null>();
    expectTypeOf(result.price).toEqualTypeOf<number | null>();
    expectTypeOf(result.when).toEqualTypeOf<Date | null>();
    expectTypeOf(result.length).toEqualTypeOf<number | null>();
  });
  test("reads all that match, and fields of each", () => {
    const result = pageOf(html).page.extract({
      names: { selector: ".offer b", all: true },
      offers: {
        selector: ".offer",
        all: true,
        fields: { name: { selector: "b", required: true }, n: { selector: "i", as: "number" } },
      },
      nothing: { selector: "h6", all: true },
    });
    expect(result).toEqual({
      names: ["One", "Two"],
      offers: [
        { name: "One", n: 1 },
        { name: "Two", n: null },
      ],
      nothing: [],
    });
    expectTypeOf(result.names).toEqualTypeOf<string[]>();
    expectTypeOf(result.offers).toEqualTypeOf<{ name: string; n: number | null }[]>();
  });
  test("fails for what is required and not there", () => {
    const run = () =>
      pageOf(html).page.extract({
        offers: { selector: ".offer", all: true, fields: { n: { selector: "i", required: true } } },
      });
    expect(run).toThrow(ExtractError);
    expect(run).toThrow('Cannot extract "offers[1].n": the page has none by "i"; leave out required to have null');
  });
  test.each([
    [{ a: "h1[" }, /^Cannot extract "a": "h1\[" is no selector; /],
    [
      { a: { fields: { b: { as: "float" } } } },
      /^Cannot extract "a\.b": as must be one of text, html, number, url, date, received "float"$/,
    ],
    [{ a: 3 }, /^Cannot extract "a": expected a selector or an object, received 3$/],
  ])("is checked before: %j", (extraction, message) =>
    expect(() => pageOf("").page.extract(extraction as never)).toThrow(message),
  );
});
