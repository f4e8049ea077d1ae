import { describe, expect, test } from "vitest";
import { TrapGuard, type TrapOptions } from "../../src/trap/trap-guard.ts";

const FILLER = Array.from(
  { length: 120 },
  (_, i) => `filler${"abc".repeat(i % 5)}${String.fromCharCode(97 + (i % 26))}`,
).join(" ");
const different = (i: number) =>
  Array.from({ length: 120 }, (_, n) => `w${((i + 1) * (n + 7) * 7919) % 100_003}z`).join(" ");
const letters = (i: number) => different(i).replace(/\d/g, (digit) => "abcdefghij"[Number(digit)]!);

function observe(options: TrapOptions, pages: number, chain: (i: number) => number, text: (i: number) => string) {
  const guard = new TrapGuard(options, 1);
  for (let i = 0; i < pages; i++) {
    const cut = guard.observe(`http://a.example/c/${i}`, "http://a.example/c/#", chain(i), () => `<p>${text(i)}</p>`);
    if (cut !== null) return { after: i + 1, reason: cut.reason, isCut: guard.isCut(cut.pattern) };
  }
  return null;
}

const MONTHS = ["May", "June", "July", "August", "September", "October", "November"];
const token = (i: number) => `${((i + 1) * 7919).toString(36)}a0b1c2d3`;

describe("the trap guard cuts", () => {
  test("a chain of pages with nothing new", () => {
    const cut = observe(
      {},
      200,
      (i) => i,
      (i) => `${FILLER} ${MONTHS[i % 7]} ${2000 + Math.floor(i / 7)}`,
    );
    expect(cut?.isCut).toBe(true);
    expect(cut?.reason).toMatch(/^a chain of \d+ pages, 1?\d\d % of the last with nothing new$/);
    expect(cut?.after).toBeLessThan(50);
  });
  test("pages that are the same but for a session id", () => {
    const cut = observe(
      {},
      200,
      () => 0,
      (i) => `<a href="/s/${token(i)}/x">${FILLER}</a>`,
    );
    expect(cut).toEqual({ after: 30, reason: "100 % of the last pages were others once more", isCut: true });
  });
  test("a chain without end, whatever is in it", () =>
    expect(observe({ maxChain: 150 }, 300, (i) => i, letters)?.reason).toBe("a chain of 150 pages"));
  test("a pattern whose budget is used up", () =>
    expect(observe({ patternBudget: 40 }, 300, () => 0, letters)).toEqual({
      after: 40,
      reason: "the budget of 40 pages is used up",
      isCut: true,
    }));
});

describe("the trap guard leaves alone", () => {
  test("a thousand pages that differ", () => expect(observe({}, 1000, () => 0, letters)).toBeNull());
  test("a long list that is paged through", () => expect(observe({}, 500, (i) => i, letters)).toBeNull());
  test("pages that are alike but no chain", () =>
    expect(
      observe(
        {},
        500,
        (i) => i % 5,
        (i) => `${FILLER} product ${letters(i).slice(0, 20)}`,
      ),
    ).toBeNull());
  test("a chain of pictures without words", () =>
    expect(
      observe(
        {},
        500,
        (i) => i,
        (i) => `<img src="/${i}.jpg"> ${FILLER}`,
      ),
    ).toBeNull());
  test("a chain of measurements", () =>
    expect(
      observe(
        {},
        500,
        (i) => i,
        (i) => `${FILLER} ${Array.from({ length: 8 }, (_, n) => Math.sin(i * 8 + n).toFixed(3)).join(" ")}`,
      ),
    ).toBeNull());
  test("pages that only lead to others", () =>
    expect(
      observe(
        {},
        500,
        () => 0,
        (i) => `<a href="/item/${i}">x</a>`,
      ),
    ).toBeNull());
  test("pages whose content is in a script", () =>
    expect(
      observe(
        {},
        500,
        () => 0,
        (i) => `<div id="root"></div><script>window.state = { id: ${i} }</script>`,
      ),
    ).toBeNull());
  test("an address that is the only one of its pattern", () => {
    const guard = new TrapGuard({ patternBudget: 1 }, 1);
    expect(guard.observe("http://a.example/about", "http://a.example/about", 0, () => FILLER)).toBeNull();
  });
});

test("options are checked", () =>
  expect(() => new TrapGuard({ chain: 0 }, 1)).toThrow("Cannot crawl: traps.chain must be a number >= 1, received 0"));
