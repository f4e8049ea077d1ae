import { createHash } from "node:crypto";
import { run } from "tsyncio";
import { expect, test } from "vitest";
import type { Row } from "../../src/collect/job.ts";
import { pages } from "../../src/sources/pages.ts";
import { contentClient } from "../content-client.ts";

const url = "https://example.com/start";

/** The record of a page, which is found at `from`. */
function read(body: string | Uint8Array, type = "text/html", from = url): Promise<Row> {
  "native async";
  return run(async () => {
    const client = contentClient(() => ({ type, body }));
    return pages.read(url, await client.get(from)).records[0]!;
  });
}

test("A page is stored with its title, size, digest and time.", async () => {
  "native async";
  const html = "<title>\n Two\n  words </title><p>Hi";
  expect(await read(html)).toMatchObject({
    url,
    status: 200,
    title: "Two words",
    bytes: html.length,
    sha256: createHash("sha256").update(html).digest("hex"),
    milliseconds: expect.any(Number),
  });
});

test("Its links are absolute, each once, without fragments, and only of the web.", async () => {
  "native async";
  const html = `<a href="a"></a><a href="a#x"></a><a href="/b?c=1"></a><a href="//other.org/"></a><a href="mailto:x@y"></a><a href="http://["></a><a>`;
  expect(JSON.parse((await read(html)).links as string)).toEqual([
    "https://example.com/a",
    "https://example.com/b?c=1",
    "https://other.org/",
  ]);
});

test("Links are relative to where a redirection led, and to the base of the page.", async () => {
  "native async";
  expect((await read('<a href="a">', "text/html", "https://example.com/moved/"))["links"]).toBe(
    '["https://example.com/moved/a"]',
  );
  expect((await read('<base href="/base/"><a href="a">'))["links"]).toBe('["https://example.com/base/a"]');
});

test("What is not HTML has neither title nor links.", async () => {
  "native async";
  expect(await read("%PDF <title>no</title>", "application/pdf")).toMatchObject({
    title: null,
    links: null,
    bytes: 22,
  });
});

test("An HTML page without a title has none.", async () => {
  "native async";
  expect(await read("<p>nothing")).toMatchObject({ title: null, links: "[]" });
});

test("A URL that was given up has a record too.", () => {
  expect(pages.readFailure!(url, "404 Not Found", 404)).toMatchObject({ url, status: 404, failure: "404 Not Found" });
});

test.each([
  ["the server", "text/html; charset=ISO-8859-1", ""],
  ["the page", "text/html", '<meta charset="iso-8859-1">'],
])("A page is read in the encoding that %s names.", async (_, type, meta) => {
  "native async";
  const body = Buffer.from(`${meta}<title>café</title>`, "latin1");
  expect((await read(body, type)).title).toBe("café");
});

test("Without a name for it, the encoding is UTF-8.", async () => {
  "native async";
  expect((await read("<title>café</title>")).title).toBe("café");
});
