import { expect, test } from "vitest";
import { loadMeasurements, type Measurements } from "../../src/site/measurements.ts";

const keys: { readonly [K in keyof Measurements]: (record: Measurements[K][number]) => string } = {
  earthquakes: ({ id }) => id,
  weather: ({ location, date }) => `${location} ${date}`,
  normals: ({ hour }) => hour,
  airports: ({ iata }) => iata,
  routes: ({ origin, destination }) => `${origin} ${destination}`,
};

test("More than 20,000 real records are read, no two of a kind with the same key.", () => {
  const measurements = loadMeasurements();
  const all = Object.entries(keys).map(([kind, keyOf]) => {
    const records = measurements[kind as keyof Measurements] as readonly never[];
    expect(new Set(records.map(keyOf)).size).toBe(records.length);
    return records.length;
  });
  expect(all.reduce((sum, length) => sum + length, 0)).toBeGreaterThan(20_000);
});

test("No number is NaN.", () => {
  const values = Object.values(loadMeasurements())
    .flat()
    .flatMap((record) => Object.values(record as object));
  expect(values.filter(Number.isNaN)).toEqual([]);
});

test("A limit holds for each kind.", () => {
  expect(Object.values(loadMeasurements(3)).map(({ length }) => length)).toEqual([3, 3, 3, 3, 3]);
});
