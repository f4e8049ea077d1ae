import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SeenUrls } from "../../src/url/seen-urls.ts";

describe("seen addresses", () => {
  test("are those that were added, each new once", () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 200 }), fc.array(fc.string()), fc.nat(), (added, others, seed) => {
        const seen = new SeenUrls(seed);
        const model = new Set<string>();
        for (const url of added) {
          expect(seen.add(url)).toBe(!model.has(url));
          model.add(url);
        }
        for (const url of [...added, ...others]) expect(seen.has(url)).toBe(model.has(url));
        expect(seen.size).toBe(model.size);
      }),
    );
  });

  test("are told apart a million at a time, in less than 32 bytes each", () => {
    const seen = new SeenUrls(1);
    let fresh = 0;
    for (let i = 0; i < 1_000_000; i++) if (seen.add(`http://a.example/page/${i}`)) fresh++;
    expect(fresh).toBe(1_000_000);
    expect(seen.has("http://a.example/page/1000000")).toBe(false);
    expect(seen.bytes / seen.size).toBeLessThan(32);
  });

  test("are forgotten when the limit is reached", () => {
    const seen = new SeenUrls(1, 10);
    for (let i = 0; i < 10; i++) seen.add(`http://a.example/${i}`);
    expect(seen.size).toBe(0);
    expect(seen.add("http://a.example/0")).toBe(true);
  });
});
