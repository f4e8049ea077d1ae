import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { type Difference, type Player, compare, firstDifference, report } from "./compare.ts";
import { Coverage } from "./coverage.ts";
import { generate } from "./generate.ts";
import { play } from "./play.ts";
import { nodesOf } from "./program-tree.ts";
import { shrink } from "./shrink.ts";

const keywords: Player = { language: "keywords", side: { play } };
const generators: Player = { language: "generators", side: { play } };
/** A side on which everybody is woken where a few should be. */
const planted: Player = {
  language: "keywords",
  side: { play: (texts) => play(texts.map((text) => text.replaceAll(/cond\.notify\(\d\)/g, "cond.notifyAll()"))) },
};

test("a program prints the same in both spellings", async () => {
  const programs = Array.from({ length: 60 }, (_, number) => generate(11, number));
  const { traces, differences } = await compare(programs, keywords, [generators]);
  expect(differences.map(report)).toEqual([]);
  expect(traces.flat().filter((line) => line.includes("cannot be compiled"))).toEqual([]);
  expect(traces.flat().length).toBeGreaterThan(1000);
}, 60_000);

test("a planted difference is found, and shrunk to what shows it", async () => {
  const programs = Array.from({ length: 60 }, (_, number) => generate(12, number, ["condition"]));
  const { differences } = await compare(programs, keywords, [planted]);
  expect(differences.length).toBeGreaterThan(0);
  const [{ program }] = differences.toSorted((a, b) => a.expected.length - b.expected.length) as [Difference];
  const smallest = await shrink(program, async (some) => {
    const found = await compare(some, keywords, [planted]);
    return some.map((one) => found.differences.some((each) => each.program === one));
  });
  const ops = [...nodesOf(smallest)].map(({ op }) => op);
  expect(ops).toContain("cond.notify");
  expect(ops.length).toBeLessThanOrEqual(25);
  const again = await compare([smallest], keywords, [planted]);
  expect(report(again.differences[0]!)).toMatch(/^line \d+: - CPython, \+ tsyncio \(keywords\)\n/);
}, 60_000);

test("traces differ in the first line that is not the same, or where one ends", () => {
  expect(firstDifference(["a", "b"], ["a", "b"])).toBe(undefined);
  expect(firstDifference(["a", "b"], ["a", "c"])).toBe(1);
  expect(firstDifference(["a"], ["a", "b"])).toBe(1);
});

test("programs that had to be stopped are compared as far as both went", () => {
  expect(firstDifference(["a", "b", "main endless", "close ended"], ["a", "main endless", "close ended"])).toBe(
    undefined,
  );
  expect(firstDifference(["x", "b", "main endless", "close ended"], ["a", "main endless", "close ended"])).toBe(0);
});

test("a program that waits for ever, one that never ends and one that is no program are told apart", async () => {
  const [stuck, endless, broken] = await play([
    "async function main() { await getRunningLoop().createFuture(); }",
    "async function main() { for (;;) await sleep(0); }",
    "async function main() { await; }",
  ]);
  expect(stuck).toEqual(["main deadlock", "close ended"]);
  expect(endless![0]).toBe("main endless");
  expect(broken![0]).toMatch(/^cannot be compiled: SourceError: /);
});

test("an operation that never runs is seen", () => {
  const coverage = new Coverage();
  const program = generate(1, 1);
  coverage.add(program, ["0.1 a1 none | 0"]);
  expect(coverage.report()).toContain("queue.join 0, ");
  expect([coverage.programs, coverage.lines, coverage.lengths[2]]).toEqual([1, 1, 1]);
});

test("without a CPython nothing is run, and that is said", () => {
  const { stdout, status } = spawnSync(
    process.execPath,
    ["--import", "@tsyncio/keywords/register", fileURLToPath(new URL("fuzz.ts", import.meta.url))],
    { encoding: "utf8", env: { ...process.env, PYTHON: "/no/such/python" } },
  );
  expect(stdout).toBe("nothing was run: there is no CPython 3.13 here; name one in the environment variable PYTHON\n");
  expect(status).toBe(0);
}, 60_000);
