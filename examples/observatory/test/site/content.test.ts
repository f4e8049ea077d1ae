import { load } from "cheerio";
import { expect, test } from "vitest";
import type { Catalogue } from "../../src/site/catalogue.ts";
import { Content } from "../../src/site/content.ts";
import { loadMeasurements } from "../../src/site/measurements.ts";

const content = new Content(loadMeasurements(60), { api: 20, list: 10 });
const catalogue = JSON.parse(content.at("/api/v1").body) as Catalogue;

test("The catalogue announces five sources with their counts.", () => {
  expect(catalogue.sources.map(({ name, records }) => `${name} ${records}`)).toEqual([
    "earthquakes 60",
    "weather 60",
    "normals 60",
    "airports 60",
    "routes 60",
  ]);
});

test("The edition changes with what is published and with the size of its pages.", () => {
  const editions = [
    new Content(loadMeasurements(60), { api: 20, list: 10 }),
    new Content(loadMeasurements(61), { api: 20, list: 10 }),
    new Content(loadMeasurements(60), { api: 30, list: 10 }),
  ].map((other) => (JSON.parse(other.at("/api/v1").body) as Catalogue).edition);
  expect(editions.map((edition) => edition === catalogue.edition)).toEqual([true, false, false]);
});

test("Where a source begins there is a document.", () => {
  expect(catalogue.sources.map(({ start }) => content.at(start).status)).toEqual([200, 200, 200, 200, 200]);
});

test("Every link of every page leads to a page.", () => {
  const seen = new Set(["/"]);
  for (const path of seen) {
    const { status, type, body } = content.at(path);
    expect(`${path} ${status}`).toBe(`${path} 200`);
    if (!type.startsWith("text/html")) continue;
    const $ = load(body);
    for (const link of $("a")) seen.add($(link).attr("href")!);
  }
  expect(seen.size).toBeGreaterThan(70);
});

test("What is in the data is escaped on the pages.", () => {
  const [quake] = loadMeasurements(1).earthquakes;
  const page = new Content({ ...loadMeasurements(0), earthquakes: [{ ...quake!, place: `<b>"5 km" & 'W'</b>` }] });
  const { body } = page.at(`/earthquakes/${quake!.id}`);
  expect(body).toContain("&lt;b&gt;&quot;5 km&quot; &amp; &#39;W&#39;&lt;/b&gt;");
  expect(body).not.toContain("<b>");
});

test.each([
  ["/earthquakes/nowhere", "text/html; charset=utf-8"],
  ["/earthquakes/days/1999-01-01", "text/html; charset=utf-8"],
  ["/weather/atlantis/2012-01", "text/html; charset=utf-8"],
  ["/api/v1/nothing", "application/json"],
  ["/api/v1/airports?page=99", "application/json"],
  ["/api/v1/airports?page=x", "application/json"],
])("%s is not found.", (path, type) => {
  expect(content.at(path)).toMatchObject({ status: 404, type });
});
