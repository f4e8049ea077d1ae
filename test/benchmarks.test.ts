import { describe, expect, test } from "vitest";
import { Verdict, peerColumn } from "../benchmarks/scheduling/columns.mjs";
import { checkFibonacci, checkResults } from "../benchmarks/scheduling/expected.mjs";
import { measure } from "../benchmarks/scheduling/figures.mjs";
import { names, prepare } from "../benchmarks/scheduling/peers.mjs";
import { workloads } from "../benchmarks/scheduling/workloads.mjs";

const all = Object.keys(workloads);
const peers = await Promise.all(names.map((name) => prepare(name)));
const complete = new Set(["native", "tsyncio", "tsyncio-generators"]);

describe("the workloads of scheduling", () => {
  test("are complete for native promises and for both spellings", () => {
    const found = peers.filter(({ name }) => complete.has(name));
    expect(found.map(({ name, workloads }) => [name, workloads])).toEqual([...complete].map((name) => [name, all]));
  });

  for (const { name, workloads = [], measure } of peers) {
    if (measure === undefined) continue;
    test.concurrent(`give what they should by ${name}, and a figure each`, { timeout: 120_000 }, async () => {
      const figures = await measure("small", workloads);
      expect(Object.keys(figures)).toEqual(workloads);
      for (const [{ thread }] of Object.values<{ thread: number }[]>(figures))
        expect(thread).toEqual(expect.any(Number));
    });
  }

  test("do not measure a wrong result", () => {
    expect(checkResults([0, 1, 2], 3)).toBe(3);
    expect(() => checkResults([0, 2, 1], 3)).toThrow("the workload gave 1 instead of 2");
    expect(() => checkResults([0, 1], 3)).toThrow("the workload gave 2 instead of 3");
    expect(checkFibonacci(55, 10)).toBe(177);
    expect(() => checkFibonacci(54, 10)).toThrow("the workload gave 54 instead of 55");
  });

  test("fail the program that measures when one of them does", async () => {
    await expect(peers[0].measure!("small", ["noSuchWorkload"])).rejects.toThrow("noSuchWorkload");
  });
});

/** A peer whose processes give these figures, one after the other, after a first run that is slower; then none. */
function madePeer(name: string, ...figures: number[]) {
  const next = figures.values();
  const run = () => {
    const { value, done } = next.next();
    if (done) throw Object.assign(new Error("Command failed"), { stderr: "at line 1\nRangeError: out of figures\n" });
    return {
      giveWays: [
        { thread: 9 * value, process: 90 * value },
        { thread: value, process: 10 * value },
      ],
    };
  };
  return { name, workloads: ["giveWays"], measure: async () => run() };
}

describe("the figures of scheduling", () => {
  const refuse = (note: string) => expect.unreachable(note);

  test("are medians of the later runs, and of the ratios of each round", async () => {
    const peers = [madePeer("native", 100, 10, 50), madePeer("tsyncio", 50, 20, 45)];

    const figures = await measure("giveWays", peers, 3, refuse);

    expect([figures.of("native"), figures.of("tsyncio")]).toEqual([50, 45]);
    expect([figures.ratio("native"), figures.ratio("tsyncio")]).toEqual([1, 0.9]);
  });

  test("are without a peer that failed, and with what it said", async () => {
    const peers = [madePeer("native", 1, 1), madePeer("tsyncio", 2, 2), madePeer("effect", 1)];
    const notes: string[] = [];

    const figures = await measure("giveWays", peers, 2, (note: string) => void notes.push(note));

    expect(notes).toEqual(["effect has no figure of giveWays: RangeError: out of figures"]);
    expect(["native", "tsyncio", "effect"].filter((name) => figures.has(name))).toEqual(["native", "tsyncio"]);
    expect(peerColumn("effect").cell(figures)).toBe("");
    expect(peerColumn("tsyncio").cell(figures)).toBe("2.00");
  });

  test("are none at all where native promises fail", async () => {
    await expect(measure("giveWays", [madePeer("native")], 1, refuse)).rejects.toThrow("Command failed");
  });

  test("are judged as they are shown", async () => {
    const verdict = new Verdict("tsyncio", ({ target }: { target: number }) => target);
    const [figure, target] = verdict.columns("tsyncio");
    const cells = [];
    for (const of1000 of [904, 906]) {
      const figures = await measure("giveWays", [madePeer("native", 1000), madePeer("tsyncio", of1000)], 1, refuse);
      cells.push(figure!.cell(figures), target!.cell(figures));
    }

    expect(cells).toEqual(["0.90 ✓", "0.9", "0.91 ✗", "0.9"]);
    expect([verdict.met, verdict.all]).toEqual([1, 2]);
  });
});
