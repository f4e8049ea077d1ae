import { describe, expect, test } from "vitest";
import { Scope, type ScopeOptions } from "../../src/scope/scope.ts";

function judge(options: ScopeOptions, url: string, depth = 0) {
  const scope = new Scope(options);
  scope.addStart(new URL("https://www.example.com/start"));
  return scope.judge(new URL(url), depth);
}

describe("by default", () => {
  test("the host of a start address belongs to a crawl", () =>
    expect(judge({}, "https://www.example.com/a")).toBeNull());
  test.each(["https://example.com/", "https://a.www.example.com/", "https://www.example.com:8443/"])(
    "%s does not",
    (url) => expect(judge({}, url)).toBe("site"),
  );
  test.each(["/a.pdf", "/b.JPG", "/c.tar.gz"])("files are no pages: %s", (path) =>
    expect(judge({}, `https://www.example.com${path}`)).toBe("extension"),
  );
});

describe("the sites of a scope", () => {
  test("can be the domain with all below it", () => {
    for (const url of ["https://example.com/", "https://a.b.example.com/"])
      expect(judge({ sites: "domain" }, url)).toBeNull();
    expect(judge({ sites: "domain" }, "https://badexample.com/")).toBe("site");
  });
  test("can be all", () => expect(judge({ sites: "any" }, "http://elsewhere.example/")).toBeNull());
  test("can be names", () => {
    const sites = ["One.example", "*.two.example"];
    expect(judge({ sites }, "http://one.example:81/")).toBeNull();
    expect(judge({ sites }, "http://a.one.example/")).toBe("site");
    expect(judge({ sites }, "http://a.two.example/")).toBeNull();
  });
});

describe("patterns", () => {
  const include = ["/blog/*", /\/news\/\d+$/, (url: URL) => url.searchParams.has("all")];
  test.each(["/blog/x", "/blog/x?y=1", "/news/12", "/z?all=1"])("include %s", (path) =>
    expect(judge({ include }, `https://www.example.com${path}`)).toBeNull(),
  );
  test("include nothing else", () => expect(judge({ include }, "https://www.example.com/shop")).toBe("include"));
  test("exclude what is included", () =>
    expect(judge({ include, exclude: ["*/private*"] }, "https://www.example.com/blog/private/1")).toBe("exclude"));
  test("take text as it is, but for the star", () =>
    expect(judge({ include: ["/a.b?c=(1)"] }, "https://www.example.com/aXb?c=(1)")).toBe("include"));
  test("of whole addresses have a scheme", () =>
    expect(judge({ exclude: ["https://*/x"] }, "https://www.example.com/x")).toBe("exclude"));
  test("with a global expression say the same every time", () => {
    const scope = new Scope({ sites: "any", exclude: [/x/g] });
    const url = new URL("http://a.example/x");
    expect([scope.judge(url, 0), scope.judge(url, 0)]).toEqual(["exclude", "exclude"]);
  });
});

test("what is too deep, or too long, is out of scope", () => {
  expect(judge({ depth: 2 }, "https://www.example.com/", 2)).toBeNull();
  expect(judge({ depth: 2 }, "https://www.example.com/", 3)).toBe("depth");
  expect(judge({}, `https://www.example.com/${"x".repeat(2000)}`)).toBe("length");
});

test("content types are pages by their patterns", () => {
  const html = new Scope({});
  expect(["text/html", "application/xhtml+xml", "", "image/png"].map((type) => html.hasContentType(type))).toEqual([
    true,
    true,
    true,
    false,
  ]);
  const all = new Scope({ contentTypes: ["text/*", "application/pdf"] });
  expect(["text/plain", "application/pdf", "application/zip"].map((type) => all.hasContentType(type))).toEqual([
    true,
    true,
    false,
  ]);
  expect(all.judge(new URL("http://a.example/b.pdf"), 0)).toBe("site");
});

test.each([
  [{ depth: -1 }, "Cannot crawl: scope.depth must be a number >= 0, received -1"],
  [{ sites: "all" }, 'Cannot crawl: scope.sites must be "host", "domain", "any" or names, received "all"'],
  [
    { sites: ["https://a.example/"] },
    'Cannot crawl: scope.sites has no name of a host in "https://a.example/"; write "example.com" or "*.example.com"',
  ],
  [{ include: [3] }, "Cannot crawl: scope.include must be text, a RegExp or a function, received 3"],
  [{ contentTypes: ["html"] }, 'Cannot crawl: scope.contentTypes has no media type in "html"; write "text/html"'],
  [{ maxUrlLength: 0 }, "Cannot crawl: scope.maxUrlLength must be a number > 0, received 0"],
])("%j is no scope", (options, message) => expect(() => new Scope(options as ScopeOptions)).toThrow(message));
