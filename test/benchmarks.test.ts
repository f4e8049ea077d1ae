import { describe, expect, test } from "vitest";
import { checkFibonacci, checkResults } from "../benchmarks/scheduling/expected.mjs";
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
