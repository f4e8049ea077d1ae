import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import { describe, expect, test } from "vitest";
import { transform } from "../src/transform.ts";

const TEXT = `"use tsyncio";
interface Options { readonly wait: number }
type Pair<T> = [T, T];

async function first(alpha: number, { beta = 2 }: { beta?: number } = {}): Promise<number> {
  const gamma: number = await second(alpha, beta) as number;

  if (gamma > 1) throw new RangeError("");
  return third(gamma);
}
const second = async <T,>(epsilon: T, zeta: T): Promise<Pair<T>> => [await epsilon, await zeta];
class Eta {
  private theta = 1;
  async iota(kappa: number): Promise<number> { return await lambda(this.theta, kappa); }
  async *mu() { for await (const nu of xi(this.theta)) { yield omicron(nu); } }
  async #pi() { return await rho(); }
}
const sigma = { async tau() { await using upsilon = phi(); return chi(upsilon); }, psi: async () => omega() };
/* 😀 é */ async function unicode() { return await "é😀" + last(); }
`;

/** Every word of the text that stands in it once, as the text has it and as the map finds it. */
function wordsOf(stripTypes: boolean): { word: string; original: number[]; mapped: (number | null)[] }[] {
  const { code, map } = transform(TEXT, { filename: "/src/a.ts", stripTypes })!;
  const trace = new TraceMap(map as never);
  const found = [];
  for (const word of new Set(TEXT.match(/\b(?!use|tsyncio|interface)[a-z]{2,}\b/gi))) {
    const [source, compiled] = [occurrences(TEXT, word), occurrences(code, word)];
    if (source.length !== 1 || compiled.length !== 1) continue;
    const [line, column] = compiled[0]!;
    const position = originalPositionFor(trace, { line: line!, column: column! });
    found.push({ word, original: source[0]!, mapped: [position.line, position.column] });
  }
  return found;
}

function occurrences(text: string, word: string): number[][] {
  return text
    .split("\n")
    .flatMap((line, i) =>
      [...line.matchAll(new RegExp(`(?<![\\w$#])${word}(?![\\w$])`, "g"))].map((match) => [i + 1, match.index]),
    );
}

describe("each name of the text is found at its line and column", () => {
  test.each([
    ["after the keyword pass", false],
    ["after both passes", true],
  ])("%s", (_, stripTypes) => {
    const words = wordsOf(stripTypes);
    expect(words.map(({ word }) => word)).toEqual(
      expect.arrayContaining(["RangeError", "third", "lambda", "omicron", "rho", "phi", "chi", "omega", "last"]),
    );
    for (const { word, original, mapped } of words) expect([word, ...mapped]).toEqual([word, ...original]);
  });
});

describe("a stack shows the function's own name", () => {
  test.each([
    ["a declaration", "async function own() { await 1; }", "function own("],
    ["an arrow", "const own = async () => { await 1; };", "async () =>"],
    ["an expression", "const x = async function own() { await 1; };", "function own("],
    ["an object method", "const o = { async own() { await 1; } };", "own() {"],
  ])("of %s", (_, text, place) => {
    const source = `"use tsyncio"; ${text}`;
    const { code, map } = transform(source, { filename: "/src/a.ts" })!;
    const lines = code.split("\n");
    const generator = /function\*? own\$/.exec(code)![0];
    const line = lines.findIndex((line) => line.includes(generator));
    const position = originalPositionFor(new TraceMap(map as never), {
      line: line + 1,
      column: lines[line]!.indexOf(generator),
    });
    expect(position.name).toBe("own");
    expect(source.indexOf(place)).toBeLessThanOrEqual(position.column!);
  });
});

test("the map holds the text and its name", () => {
  const { map } = transform(TEXT, { filename: "/src/a.ts?v=1" })!;
  expect(map).toMatchObject({ version: 3, sources: ["/src/a.ts"], sourcesContent: [TEXT] });
});
