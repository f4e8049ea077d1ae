import { describe, expect, test } from "vitest";
import { distance, simHash, visibleText } from "../../src/trap/content-print.ts";

test("what is seen of a page has no markup, scripts or styles", () =>
  expect(visibleText("<style>a{}</style><h1>One</h1>\n<script>var x='<p>'</script><!-- two --><p>three</p>")).toBe(
    "One three",
  ));

describe("the distance of two texts", () => {
  const words = Array.from(
    { length: 200 },
    (_, i) => `word${String.fromCharCode(97 + (i % 26))}${"x".repeat(i % 7)}`,
  ).join(" ");
  test("is none when only numbers differ", () =>
    expect(distance(simHash(`${words} page 17`), simHash(`${words} page 2048`))).toBe(0));
  test("is small when one word differs", () =>
    expect(distance(simHash(`${words} November`), simHash(`${words} December`))).toBeLessThanOrEqual(4));
  test("is large when all differ", () => {
    const other = Array.from(
      { length: 200 },
      (_, i) => `other${"yz".repeat(i % 9)}${String.fromCharCode(97 + (i % 26))}`,
    ).join(" ");
    expect(distance(simHash(words), simHash(other))).toBeGreaterThan(10);
  });
  test("counts bits", () => expect(distance({ high: -1, low: 0 }, { high: 0, low: 5 })).toBe(34));
});
