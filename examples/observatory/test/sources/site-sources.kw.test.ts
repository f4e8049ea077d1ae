import { crawl } from "@tsyncio/crawl";
import { run } from "tsyncio";
import { expect, test } from "vitest";
import type { Row } from "../../src/collect/job.ts";
import type { CrawledSource, FetchedSource } from "../../src/collect/source.ts";
import { Content } from "../../src/site/content.ts";
import { loadMeasurements } from "../../src/site/measurements.ts";
import { airports, normals, routes } from "../../src/sources/api.ts";
import { earthquakes } from "../../src/sources/earthquakes.ts";
import { weather } from "../../src/sources/weather.ts";
import { contentClient } from "../content-client.ts";

const measurements = loadMeasurements(130);
const content = new Content(measurements, { api: 20, list: 25 });

/** Fetches a source from its start, wherever it leads. */
async function fetchAll(source: FetchedSource, start: string): Promise<Row[]> {
  const client = contentClient((path) => content.at(path));
  const records: Row[] = [];
  const urls = new Set([start]);
  for (const url of urls) {
    const reading = source.read(url, await client.get(url));
    records.push(...reading.records);
    for (const found of reading.found) urls.add(found);
  }
  return records;
}

/** Crawls a source from its start; `change` is done to each page. Gives its records, and what went wrong. */
async function crawlAll(source: CrawledSource, start: string, change = (body: string) => body) {
  const records: Row[] = [];
  const report = await crawl({
    start: `http://content.example${start}`,
    robots: false,
    retries: 0,
    client: contentClient((path) => ({ ...content.at(path), body: change(content.at(path).body) })),
    handler(page) {
      records.push(...source.read(page));
      page.follow(source.links);
    },
  });
  return { records, problems: report.problems.map(({ reason }) => reason), cuts: report.cuts };
}

const sorted = (rows: readonly object[]) =>
  rows.map((row) => JSON.stringify(row, Object.keys(row).toSorted())).toSorted();

test.each([
  ["normals", normals, "/api/v1/normals?page=1"],
  ["airports", airports, "/api/v1/airports?page=1"],
  ["routes", routes, "/api/v1/routes?page=1"],
] as const)("Everything that the site publishes of %s is read, value for value.", (name, source, start) =>
  run(async () => {
    expect(sorted(await fetchAll(source, start))).toEqual(sorted(measurements[name]));
  }),
);

test.each([
  ["earthquakes", earthquakes, "/earthquakes"],
  ["weather", weather, "/weather"],
] as const)("Every page that the site has of %s is crawled, and read value for value.", (name, source, start) =>
  run(async () => {
    const { records, problems, cuts } = await crawlAll(source, start);
    expect([sorted(records), problems, cuts]).toEqual([sorted(measurements[name]), [], []]);
  }),
);

const half = (body: string) => body.slice(0, body.length / 2);

test.each([
  ["A page", earthquakes, "/earthquakes"],
  ["A table", weather, "/weather"],
] as const)("%s of which half is missing cannot be read.", (_, source, start) =>
  run(async () => {
    expect((await crawlAll(source, start, half)).problems).toEqual(["handler: the page is not whole"]);
  }),
);

test("A list of which half is missing cannot be read.", () =>
  run(async () => {
    const client = contentClient((path) => ({ ...content.at(path), body: half(content.at(path).body) }));
    const answer = await client.get("/api/v1/airports?page=1");
    expect(() => airports.read("/api/v1/airports?page=1", answer)).toThrow("the JSON is not whole");
  }));

test("The page of an earthquake without a field cannot be read.", () =>
  run(async () => {
    const without = (body: string) => body.replace('data-field="depth"', "");
    const { problems } = await crawlAll(earthquakes, `/earthquakes/${measurements.earthquakes[0]!.id}`, without);
    expect(problems).toEqual(["handler: the page of an earthquake has no depth"]);
  }));
