import { expect, test } from "vitest";
import { fateOf } from "../../src/site/fate.ts";

const paths = Array.from({ length: 5_000 }, (_, index) => `/earthquakes/${index}`);

test("The same seed, path and attempt have the same fate.", () => {
  expect(fateOf("a", "/x", 1)).toEqual(fateOf("a", "/x", 1));
  expect(fateOf("a", "/x", 1)).not.toEqual(fateOf("b", "/x", 1));
});

test("All kinds of faults are drawn, altogether for about one request in eighteen.", () => {
  const faults = paths.map((path) => fateOf("seed", path, 0).fault).filter((fault) => fault !== undefined);
  expect(new Set(faults)).toEqual(new Set(["error", "reset", "stall", "cut", "short"]));
  expect(faults.length / paths.length).toBeGreaterThan(0.04);
  expect(faults.length / paths.length).toBeLessThan(0.07);
});

test("The fourth request for a path is always answered.", () => {
  expect(paths.filter((path) => fateOf("seed", path, 3).fault !== undefined)).toEqual([]);
});

test("Latencies are between 50 and 1000 ms, on average about 245.", () => {
  const latencies = paths.map((path) => fateOf("seed", path, 0).latency);
  const mean = latencies.reduce((sum, latency) => sum + latency, 0) / latencies.length;
  expect(Math.min(...latencies)).toBeGreaterThanOrEqual(50);
  expect(Math.max(...latencies)).toBeLessThanOrEqual(1_000);
  expect(mean).toBeGreaterThan(230);
  expect(mean).toBeLessThan(260);
});
