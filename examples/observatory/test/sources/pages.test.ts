import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { pages } from "../../src/sources/pages.ts";

const url = "https://example.com/start";

function read(text: string, type = "text/html", from = url) {
  const body = Buffer.from(text);
  const answer = { status: 200, url: from, headers: { "content-type": type }, body, milliseconds: 12.6 };
  return pages.read(url, answer).records[0]!;
}

test("A page is stored with its title, size, digest and time.", () => {
  const html = "<title>\n Two\n  words </title><p>Hi";
  expect(read(html)).toMatchObject({
    url,
    status: 200,
    title: "Two words",
    bytes: html.length,
    sha256: createHash("sha256").update(html).digest("hex"),
    milliseconds: 13,
  });
});

test("Its links are absolute, each once, without fragments, and only of the web.", () => {
  const html = `<a href="a"></a><a href="a#x"></a><a href="/b?c=1"></a><a href="//other.org/"></a><a href="mailto:x@y"></a><a href="http://["></a><a>`;
  expect(JSON.parse(read(html).links as string)).toEqual([
    "https://example.com/a",
    "https://example.com/b?c=1",
    "https://other.org/",
  ]);
});

test("Links are relative to where a redirection led, and to the base of the page.", () => {
  expect(read('<a href="a">', "text/html", "https://example.com/moved/")["links"]).toBe(
    '["https://example.com/moved/a"]',
  );
  expect(read('<base href="/base/"><a href="a">')["links"]).toBe('["https://example.com/base/a"]');
});

test("What is not HTML has neither title nor links.", () => {
  expect(read("%PDF <title>no</title>", "application/pdf")).toMatchObject({ title: null, links: null, bytes: 22 });
});

test("An HTML page without a title has none.", () => {
  expect(read("<p>nothing")).toMatchObject({ title: null, links: "[]" });
});

test("A URL that was given up has a record too.", () => {
  expect(pages.readFailure!(url, "404 Not Found", 404)).toMatchObject({ url, status: 404, failure: "404 Not Found" });
});

test.each([
  ["the server", "text/html; charset=ISO-8859-1", ""],
  ["the page", "text/html", '<meta charset="iso-8859-1">'],
])("A page is read in the encoding that %s names.", (_, type, meta) => {
  const body = Buffer.from(`${meta}<title>café</title>`, "latin1");
  const answer = { status: 200, url, headers: { "content-type": type }, body, milliseconds: 1 };
  expect(pages.read(url, answer).records[0]!.title).toBe("café");
});

test("Without a name for it, the encoding is UTF-8.", () => {
  expect(read("<title>café</title>").title).toBe("café");
});
