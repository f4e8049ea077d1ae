import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTask, gather, run, sleep } from "tsyncio";
import { afterAll, afterEach, expect, test } from "vitest";
import { nearest, nearestAirports } from "../../src/nearest/nearest-airports.ts";
import { Content } from "../../src/site/content.ts";
import { loadMeasurements } from "../../src/site/measurements.ts";
import { nearestAirport } from "../../src/site/nearest-airport.ts";
import { Site } from "../../src/site/site.ts";
import { Store } from "../../src/store/store.ts";

const measurements = loadMeasurements(300);
const earthquakes = measurements.earthquakes.map((earthquake) => ({ ...earthquake }));
const expected = earthquakes
  .map((earthquake) => ({ id: earthquake.id, ...nearestAirport(measurements.airports, earthquake) }))
  .toSorted((one, other) => (one.id < other.id ? -1 : 1));

const folder = mkdtempSync(join(tmpdir(), "observatory-nearest-"));
afterAll(() => rmSync(folder, { recursive: true }));
let site: Site | undefined;
afterEach(() => site?.close());

test("Every earthquake gets its airport, although the service is limited and often fails.", { timeout: 30_000 }, () =>
  run(async () => {
    site = await Site.open(new Content(measurements), { seed: "faulty", service: { rate: 200, burst: 20 } });
    using store = Store.open(":memory:", [nearest]);
    const file = join(folder, "all.jsonl");
    const report = await nearestAirports({ origin: site.origin, earthquakes, store, file });
    expect(report).toMatchObject({ complete: true, succeeded: 300, failed: 0 });
    expect(store.rows("nearest")).toEqual(expected);
    expect(existsSync(file)).toBe(false);
  }),
);

test("Stopped in the middle, it goes on with what was not answered.", { timeout: 30_000 }, () =>
  run(async () => {
    site = await Site.open(new Content(measurements), { seed: "slow" });
    using store = Store.open(":memory:", [nearest]);
    const file = join(folder, "stopped.jsonl");
    const options = { origin: site.origin, earthquakes, store, file };
    const task = createTask(nearestAirports(options));
    while (!existsSync(file) || readFileSync(file, "utf8").split("\n").length < 20) await sleep(5);
    task.cancel();
    await gather([task], { returnExceptions: true });
    const answered = readFileSync(file, "utf8").split("\n").length - 1;
    expect(store.count("nearest")).toBe(0);
    const report = await nearestAirports(options);
    expect(report).toMatchObject({ complete: true, skipped: answered, succeeded: 300 - answered });
    expect(store.rows("nearest")).toEqual(expected);
  }),
);
