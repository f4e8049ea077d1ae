import { describe, expect, test } from "vitest";
import { productToken, readRobots } from "../../src/robots/robots-rules.ts";

const read = (text: string, agent = "examplebot") => readRobots("http://a.example/robots.txt", text, agent);
const allowed = (text: string, path: string, agent?: string) => read(text, agent).allows(`http://a.example${path}`);

describe("a robots.txt", () => {
  test("forbids what the longest rule that matches forbids", () => {
    const text = "User-agent: *\nDisallow: /a\nAllow: /a/b\nDisallow: /a/b/c$\n";
    expect(["/", "/a", "/a/b", "/a/b/c", "/a/b/cd"].map((path) => allowed(text, path))).toEqual([
      true,
      false,
      true,
      false,
      true,
    ]);
  });
  test("has a group for one crawler, which goes before that for all", () => {
    const text = "User-agent: *\nDisallow: /\n\nUser-agent: ExampleBot\nDisallow: /x\n";
    expect([allowed(text, "/y"), allowed(text, "/x"), allowed(text, "/y", "otherbot")]).toEqual([true, false, false]);
  });
  test("may begin with a byte order mark, and end its lines in any way", () => {
    const text = "\ufeffUser-agent: *\r\nDisallow: /a\rDisallow: /b\n";
    expect([allowed(text, "/a"), allowed(text, "/b"), allowed(text, "/c")]).toEqual([false, false, true]);
  });
  test("may be something else altogether", () => expect(allowed("<html>not found</html>", "/")).toBe(true));
  test("asks for a delay in seconds", () => {
    expect(read("User-agent: *\nCrawl-delay: 1.5\n").crawlDelay).toBe(1500);
    for (const delay of ["x", "-1", "0", ""])
      expect(read(`User-agent: *\nCrawl-delay: ${delay}\n`).crawlDelay).toBeNull();
  });
  test("names sitemaps", () =>
    expect(read("Sitemap: http://a.example/s.xml\nsitemap: /t.xml\n").sitemaps).toEqual([
      "http://a.example/s.xml",
      "/t.xml",
    ]));
});

test("a user agent is known by its first word", () => {
  expect(productToken("ExampleBot/2.1 (+https://example.com)")).toBe("ExampleBot");
  expect(productToken("my-bot")).toBe("my-bot");
});
