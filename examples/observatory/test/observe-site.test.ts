import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { digestOf } from "../src/site/catalogue.ts";
import { loadMeasurements } from "../src/site/measurements.ts";
import { airports, normals, routes } from "../src/sources/api.ts";
import { earthquakes } from "../src/sources/earthquakes.ts";
import { weather } from "../src/sources/weather.ts";
import { Store } from "../src/store/store.ts";
import type { Started } from "../../../test/started-program.ts";
import { observatory, start } from "./program.ts";

const TIME = 60_000;
const folder = mkdtempSync(join(tmpdir(), "observatory-site-"));
afterAll(() => rmSync(folder, { recursive: true }));

let db: string;
let number = 0;
beforeEach(() => {
  db = join(folder, `${(number += 1)}.sqlite`);
});

const sources = [earthquakes, weather, normals, airports, routes];

/** What the file holds: the digest of each source's keys. */
function stored(): Record<string, string> {
  using store = Store.open(db, sources);
  return Object.fromEntries(sources.map(({ name }) => [name, digestOf(store.keys(name))]));
}

/** What it should hold. */
function published(limit: number): Record<string, string> {
  const data = loadMeasurements(limit);
  return {
    earthquakes: digestOf(data.earthquakes.map(({ id }) => id)),
    weather: digestOf(data.weather.map(({ location, date }) => `${location} ${date}`)),
    normals: digestOf(data.normals.map(({ hour }) => hour)),
    airports: digestOf(data.airports.map(({ iata }) => iata)),
    routes: digestOf(data.routes.map(({ origin, destination }) => `${origin} ${destination}`)),
  };
}

function counts(): { readonly jobs: number; readonly records: number } {
  using store = Store.open(db, sources);
  return {
    jobs: store.doneJobs().length,
    records: sources.reduce((sum, { name }) => sum + store.count(name), 0),
  };
}

/** Waits until something is stored and much is not, and gives where the site is. */
async function midway({ printed }: Started): Promise<string> {
  const [, origin] = await printed(/Site: (http:\S+),/);
  await printed(/^ +\d.* [1-9][\d,]* of [\d,]+ records/m);
  return origin!;
}

test("Everything that the site announces is stored, and the report says so.", { timeout: TIME }, async () => {
  const { code, stdout } = await observatory(["--db", db, "--records", "60", "--sample", "3"]);
  expect(stdout).toMatch(/all +│ +300 │ +300/);
  expect(stdout).toMatch(
    /Statistics of all records in .*: 14 columns, each drawn 2,000 times, on \d+ threads?; the event loop was late/,
  );
  expect(stdout).toMatch(/earthquakes │ magnitude +│ +60 │ +-?\d+\.\d\d │/);
  expect(stdout).toContain("nearest to each of 60 earthquakes …\n60 answers in ");
  expect(stdout).toMatch(/Most often: \w+ \(\d+\), /);
  expect(stdout).toMatch(/the sample │ +3 │ .* × │/);
  expect(stdout).toMatch(/all jobs +│ +\d+ │ .* × │/);
  expect(stdout).toMatch(/\* extrapolated, not measured: .* for each of \d+ jobs/);
  expect(code).toBe(0);
  expect(stored()).toEqual(published(60));
});

test("A finished collection is collected anew.", { timeout: TIME }, async () => {
  const args = ["--db", db, "--records", "20", "--sample", "0"];
  await observatory(args);
  const { code, stdout } = await observatory(args);
  expect(stdout).toContain("a finished collection; begins anew");
  expect([code, stored()]).toEqual([0, published(20)]);
});

test("After kill -9 the next run goes on, and nothing is lost or doubled.", { timeout: TIME }, async () => {
  const args = ["--db", db, "--records", "400", "--sample", "0"];
  const killed = start(args);
  const origin = await midway(killed);
  killed.child.kill("SIGKILL");
  const { signal } = await killed.ended;
  const before = counts();
  const second = await observatory(args);
  expect(signal).toBe("SIGKILL");
  expect(before.records).toBeGreaterThan(0);
  expect(before.records).toBeLessThan(2_000);
  expect(second.stdout).toContain(`goes on after ${before.jobs} jobs`);
  expect([second.code, stored()]).toEqual([0, published(400)]);
  await expect(fetch(origin)).rejects.toThrow("fetch failed");
});

test("Ctrl-C keeps what is stored and exits with 130; the next run goes on.", { timeout: TIME }, async () => {
  const args = ["--db", db, "--records", "400", "--sample", "0"];
  const interrupted = start(args);
  const origin = await midway(interrupted);
  interrupted.child.kill("SIGINT");
  const { code, stderr } = await interrupted.ended;
  await expect(fetch(origin)).rejects.toThrow("fetch failed");
  const { records, jobs } = counts();
  expect(code).toBe(130);
  expect(stderr.trimEnd().split("\n").at(-1)).toMatch(
    new RegExp(
      `^Stopped: ${records.toLocaleString("en")} records? stored, \\d[\\d,]* jobs? left; run it again to go on$`,
    ),
  );
  const second = await observatory(args);
  expect(second.stdout).toContain(`goes on after ${jobs} jobs`);
  expect([second.code, stored()]).toEqual([0, published(400)]);
});

test("A file that holds something else is reported, with exit code 1.", { timeout: TIME }, async () => {
  const args = ["--db", db, "--records", "40", "--sample", "0"];
  await observatory(args);
  {
    using store = Store.open(db, sources);
    store.setNote("finished", "no");
    const job = { source: "airports", url: "/nowhere" };
    store.addJobs([job]);
    const reading = { records: [{ iata: "???" }], found: [] };
    store.record([{ job, requests: 1, reading, failure: undefined }]);
  }
  const { code, stdout, stderr } = await observatory(args);
  expect(stdout).toMatch(/airports +│ +41 │ +40 │ 1 too many/);
  expect([code, stderr.trimEnd().split("\n").at(-1)]).toEqual([
    1,
    "The file does not hold what the site announces; --fresh collects it anew",
  ]);
});

test("Two runs do not share a file.", { timeout: TIME }, async () => {
  using _store = Store.open(db, sources);
  const { code, stderr } = await observatory(["--db", db, "--records", "5"]);
  expect([code, stderr]).toEqual([
    1,
    `Cannot open database ${db}: another program uses it; choose another file with --db\n`,
  ]);
});

test("--help tells a newcomer what to type, and exits with 0.", { timeout: TIME }, async () => {
  const { code, stdout, stderr } = await observatory(["--help"]);
  expect([code, stderr]).toEqual([0, ""]);
  for (const word of ["Usage:", "--concurrency", "--input", "Examples:", "npm start --", "Ctrl-C", "Exit codes:"]) {
    expect(stdout).toContain(word);
  }
});

test("Arguments that cannot be used are a line each, with exit code 1.", { timeout: TIME }, async () => {
  const { code, stdout, stderr } = await observatory(["--concurrency", "many", "--timeout", "3"]);
  expect([code, stdout, stderr.trimEnd().split("\n")]).toEqual([
    1,
    "",
    [
      'Cannot use --timeout "3": expected a duration with its unit, such as 500ms or 3s',
      'Cannot use --concurrency "many": expected a whole number from 1 to 10,000',
    ],
  ]);
});
