import { expect, test } from "vitest";
import { Content } from "../../src/site/content.ts";
import { loadMeasurements } from "../../src/site/measurements.ts";
import { nearestAirport } from "../../src/site/nearest-airport.ts";
import { Site } from "../../src/site/site.ts";

const measurements = loadMeasurements();

/** As far as an atlas has it. */
test.each([
  ["San Francisco's own", { latitude: 37.619, longitude: -122.375 }, "SFO", 0],
  ["Honolulu from half a degree south of it", { latitude: 20.82, longitude: -157.92 }, "HNL", 56],
] as const)("The nearest airport is found: %s.", (_, place, iata, kilometres) => {
  const found = nearestAirport(measurements.airports, place);
  expect(found.iata).toBe(iata);
  expect(Math.abs(found.kilometres - kilometres)).toBeLessThanOrEqual(2);
});

test("Over the date line the way is short.", () => {
  const airports = measurements.airports.filter(({ iata }) => iata === "ADK");
  const east = nearestAirport(airports, { latitude: 51.88, longitude: 179.9 });
  const west = nearestAirport(airports, { latitude: 51.88, longitude: -179.9 });
  expect(Math.abs(east.kilometres - west.kilometres)).toBeLessThan(20);
});

test("The site answers for a place, and says what is wrong with one that is none.", async () => {
  const site = await Site.open(new Content(measurements));
  const ask = (body: string) => fetch(`${site.origin}/api/v1/nearest-airport`, { method: "POST", body });
  const good = await ask(JSON.stringify({ latitude: 37.619, longitude: -122.375 }));
  expect([good.status, good.headers.get("ratelimit-policy")]).toEqual([200, '"service";q=500;w=1']);
  expect(await good.json()).toEqual({ iata: "SFO", kilometres: 0 });
  const bad = await Promise.all(["", "{}", '{"latitude":"north","longitude":1}'].map(ask));
  expect(bad.map(({ status }) => status)).toEqual([400, 400, 400]);
  await site.close();
});
