import fc from "fast-check";
import normalizeUrl from "normalize-url";
import { describe, expect, test } from "vitest";
import { UrlNormalizer } from "../../src/url/url-normalizer.ts";

const normalizer = new UrlNormalizer();

describe("a normalised address", () => {
  test.each([
    ["HTTP://Example.COM:80/a/./b/../c#part", "http://example.com/a/c"],
    ["http://user:secret@example.com/", "http://example.com/"],
    ["http://example.com", "http://example.com/"],
    ["http://example.com./x", "http://example.com/x"],
    ["http://example.com/a//b", "http://example.com/a/b"],
    ["http://example.com/?b=2&a=1", "http://example.com/?a=1&b=2"],
    ["http://example.com/?", "http://example.com/"],
    ["http://example.com/p?utm_source=x", "http://example.com/p"],
    ["http://example.com/p?PHPSESSID=123&id=4", "http://example.com/p?id=4"],
    ["http://example.com/p?sid=1", "http://example.com/p"],
    ["http://example.com/cart;jsessionid=4F2A?x=1", "http://example.com/cart?x=1"],
    ["http://example.com/%7Euser", "http://example.com/~user"],
    ["http://example.com/stra\u00dfe", "http://example.com/stra%C3%9Fe"],
    ["http://www.example.com/a/", "http://www.example.com/a/"],
  ])("of %s is %s", (address, expected) => expect(normalizer.normalize(address)).toBe(expected));

  test.each(["mailto:a@b.c", "javascript:void(0)", "data:text/plain,x", "ftp://a/b", "http://", "http://a b/", "//"])(
    "there is none of %s",
    (address) => expect(normalizer.normalize(address)).toBeNull(),
  );

  test("is relative to what it is given", () =>
    expect(normalizer.normalize("../x?a=1#y", "http://a.example/b/c/d")).toBe("http://a.example/b/x?a=1"));

  test("leaves out the parameters that it is told to", () => {
    const own = new UrlNormalizer(["ref", /^x-/]);
    expect(own.normalize("http://a.example/?ref=1&x-y=2&z=3")).toBe("http://a.example/?z=3");
  });

  test("is normalised", () => {
    const path = fc.webUrl({ withQueryParameters: true, withFragments: true, validSchemes: ["http", "https"] });
    fc.assert(
      fc.property(path, (url) => {
        const once = normalizer.normalize(url);
        fc.pre(once !== null);
        expect(normalizer.normalize(once)).toBe(once);
      }),
    );
  });

  test("of a plain address is what normalize-url makes of it", () => {
    const segment = fc.stringMatching(/^[\w.~!$&'()*+,=:@-]{1,8}$/);
    const query = fc.option(fc.stringMatching(/^[\w-]{1,6}=[\w.~-]{1,6}$/), { nil: null });
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 4 }), query, fc.boolean(), (segments, parameter, slash) => {
        const url = `http://a.example/${segments.join("/")}${slash && segments.length > 0 ? "/" : ""}${parameter === null ? "" : `?${parameter}`}`;
        const { href } = new URL(url);
        const plain = { stripWWW: false, removeTrailingSlash: false, removeSingleSlash: false };
        fc.pre(parameter === null || !/^(?:utm_\w|sid|_ga)/i.test(parameter));
        expect(normalizer.normalize(url)).toBe(normalizeUrl(href, plain));
      }),
      { numRuns: 2000 },
    );
  });
});
