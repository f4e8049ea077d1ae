import { expect, test } from "vitest";
import type { Answer } from "../../src/collect/client.ts";
import type { Row } from "../../src/collect/job.ts";
import type { Source } from "../../src/collect/source.ts";
import { Content } from "../../src/site/content.ts";
import { loadMeasurements } from "../../src/site/measurements.ts";
import { airports, normals, routes } from "../../src/sources/api.ts";
import { earthquakes } from "../../src/sources/earthquakes.ts";
import { weather } from "../../src/sources/weather.ts";

const measurements = loadMeasurements(130);
const content = new Content(measurements, { api: 20, list: 25 });

function answer(text: string): Answer {
  return { status: 200, url: "", headers: {}, body: Buffer.from(text), milliseconds: 1 };
}

/** Reads a source from its start, wherever it leads. */
function readAll(source: Source, start: string): Row[] {
  const records: Row[] = [];
  const urls = new Set([start]);
  for (const url of urls) {
    const reading = source.read(url, answer(content.at(url).body));
    records.push(...reading.records);
    for (const found of reading.found) urls.add(found);
  }
  return records;
}

const sorted = (rows: readonly object[]) =>
  rows.map((row) => JSON.stringify(row, Object.keys(row).toSorted())).toSorted();

test.each([
  ["earthquakes", earthquakes, "/earthquakes"],
  ["weather", weather, "/weather"],
  ["normals", normals, "/api/v1/normals?page=1"],
  ["airports", airports, "/api/v1/airports?page=1"],
  ["routes", routes, "/api/v1/routes?page=1"],
] as const)("Everything that the site publishes of %s is read, value for value.", (name, source, start) => {
  expect(sorted(readAll(source, start))).toEqual(sorted(measurements[name]));
});

test.each([
  ["a page", earthquakes, "/earthquakes", "the page is not whole"],
  ["a table", weather, "/weather", "the page is not whole"],
  ["a list", airports, "/api/v1/airports?page=1", "the JSON is not whole"],
] as const)("%s of which half is missing cannot be read.", (_, source, url, message) => {
  const { body } = content.at(url);
  expect(() => source.read(url, answer(body.slice(0, body.length / 2)))).toThrow(message);
});

test("The page of an earthquake without a field cannot be read.", () => {
  const url = `/earthquakes/${measurements.earthquakes[0]!.id}`;
  const page = content.at(url).body.replace('data-field="depth"', "");
  expect(() => earthquakes.read(url, answer(page))).toThrow("the page of an earthquake has no depth");
});
