import { run } from "tsyncio";
import { expect, test } from "vitest";
import type { Row } from "../../src/collect/job.ts";
import { describe } from "../../src/statistics/describe.ts";
import { routes, airports } from "../../src/sources/api.ts";
import { statisticsOf } from "../../src/statistics/statistics.ts";

const ROWS: Record<string, readonly Row[]> = {
  routes: Array.from({ length: 50 }, (_, i) => ({ origin: "A", destination: `${i}`, flights: i })),
  airports: [{ iata: "A", latitude: 1.5, longitude: null }],
};

test("Every column of numbers that has any is described, on threads, as it would be here.", () =>
  run(async () => {
    const { columns, threads, late } = await statisticsOf([routes, airports], (source) => ROWS[source]!, 200);
    const flights = describe(
      Float64Array.from({ length: 50 }, (_, i) => i),
      200,
      7,
    );
    expect(columns).toEqual([
      { source: "routes", column: "flights", description: flights },
      { source: "airports", column: "latitude", description: describe(Float64Array.of(1.5), 200, 7) },
    ]);
    expect(threads).toBeGreaterThan(0);
    expect(late).toBeGreaterThanOrEqual(0);
  }));
