import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { memberOf, publicNames } from "./asyncio-names/api-report.ts";
import { mappingOf, type Mapping } from "./asyncio-names/mapping.ts";

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");

const asyncio = read("conformance/asyncio-names.tsv")
  .trimEnd()
  .split("\n")
  .slice(1)
  .map((line) => line.split("\t")[0]);
const api = publicNames([read("etc/tsyncio.api.md"), read("etc/node.api.md")]);
const page = read("docs/guide/coming-from-asyncio.md");
const mapping = mappingOf(page.slice(page.indexOf("## Every name")));

const camelCase = (name: string) => name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** Where an asyncio name leads: by a row of its own, or as a member of what its class leads to. */
function leadsTo(name: string, rows: ReadonlyMap<string, Mapping>): Mapping | undefined {
  const row = rows.get(name);
  if (row !== undefined) return row;
  const dot = name.lastIndexOf(".");
  if (dot < 0) return undefined;
  const owner = name.slice(0, dot) === "loop" ? { ours: "EventLoop" } : rows.get(name.slice(0, dot));
  if (owner === undefined || owner.ours === null) return owner;
  return { ours: `${owner.ours}.${camelCase(name.slice(dot + 1))}` };
}

describe("docs/guide/coming-from-asyncio.md", () => {
  test("maps every name of asyncio 3.13 and 3.14, each to what is exported or to a reason", () => {
    expect(asyncio.length).toBeGreaterThan(350);
    const lost = asyncio.filter((name) => leadsTo(name, mapping) === undefined);
    expect(lost, "names that stand nowhere").toEqual([]);
    const wrong = asyncio.flatMap((name) => {
      const { ours } = leadsTo(name, mapping)!;
      return ours === null || memberOf(api, ours) ? [] : [`${name} → ${ours}`];
    });
    expect(wrong, "names that are not exported").toEqual([]);
  });

  test("maps nothing that asyncio does not have", () => {
    expect([...mapping.keys()].filter((name) => !asyncio.includes(name))).toEqual([]);
  });
});

describe("mappingOf", () => {
  test("pairs the names of a row in their order, one for all where there is one", () => {
    const page =
      "| `a`, `b` | `x`, `y` | |\n| `c`, `d` | `z` | why |\n| `e` | – | gone |\n| plain | text | |\n| `f 5` is `g` | 5 | |\n";
    expect([...mappingOf(page)]).toEqual([
      ["a", { ours: "x" }],
      ["b", { ours: "y" }],
      ["c", { ours: "z" }],
      ["d", { ours: "z" }],
      ["e", { ours: null }],
    ]);
  });

  test("refuses a name without a counterpart, a name that stands twice, and what is left out without a reason", () => {
    expect(() => mappingOf("| `a`, `b`, `c` | `x`, `y` | |")).toThrow("3 names, 2 counterparts");
    expect(() => mappingOf("| `a` | `x` | |\n| `a` | `y` | |")).toThrow('"a" stands twice');
    expect(() => mappingOf("| `a` | – | |")).toThrow("no reason");
  });
});

describe("memberOf", () => {
  const report = [
    "export class A extends B<number> {",
    "    get one(): number;",
    "    two(x: string): void;",
    "}",
    "class B<T> {",
    "    readonly three: T;",
    "}",
    "class C_2 {",
    "    static four(): void;",
    "}",
    "export { C_2 as C }",
    "export type D = string;",
  ].join("\n");

  test("finds exports, their members, and those that they inherit", () => {
    const names = publicNames([report]);
    const found = ["A", "A.one", "A.two", "A.three", "C.four", "D", "B", "A.four", "E"].map((n) => memberOf(names, n));
    expect(found).toEqual([true, true, true, true, true, true, false, false, false]);
  });
});
