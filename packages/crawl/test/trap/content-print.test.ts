import { describe, expect, test } from "vitest";
import { newOn, sightOf, withoutTokens } from "../../src/trap/content-print.ts";

test("a page without its tokens is the same for every session", () => {
  const page = (token: string) =>
    `<script nonce="${token}"></script><a href="/s/${token}/shelf">shelf</a> my-holiday-2024`;
  expect(withoutTokens(page("4f2a9c81d0e3"))).toBe(withoutTokens(page("0a1b2c3d4e5f")));
  expect(withoutTokens(page("4f2a9c81d0e3"))).toContain("my-holiday-2024");
});

describe("what is new on a page", () => {
  const count = (page: string, ...others: string[]) => newOn(sightOf(page), others.map(sightOf));
  test("is what none of the others shows", () => {
    expect(count("<h1>March 2027</h1> 1 2 3", "<h1>February 2027</h1> 1 2 3", "<h1>January 2027</h1> 1 2 3")).toBe(1);
    expect(count("<p>one two</p>", "<b>two</b> <i>one</i>")).toBe(0);
  });
  test("are numbers too", () => expect(count("13.4 1012.9 88", "12.1 1013.2 81")).toBe(3));
  test("are pictures, whatever the words", () => {
    expect(count('<img src="/2.jpg"> next', '<img src="/1.jpg"> next')).toBe(Infinity);
    expect(count('<img class="x" data-src="/logo.png">', "<img src=/logo.png>")).toBe(0);
  });
  test("are not scripts, styles and comments", () =>
    expect(count("<script>let a = 1</script><style>b {}</style><!-- c -->x", "x")).toBe(0));
});
