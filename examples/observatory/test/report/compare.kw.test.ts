import { run } from "tsyncio";
import { afterEach, expect, test } from "vitest";
import { Fetcher } from "../../src/collect/fetcher.ts";
import { openClient } from "../../src/collect/open-client.ts";
import { Tally } from "../../src/collect/tally.ts";
import { compare } from "../../src/report/compare.ts";
import { Content } from "../../src/site/content.ts";
import { loadMeasurements } from "../../src/site/measurements.ts";
import { Site } from "../../src/site/site.ts";

const measurements = loadMeasurements(12);
let site: Site | undefined;
afterEach(() => site?.close());

test("The same jobs are measured one after another, and at once.", { timeout: 20_000 }, () =>
  run(async () => {
    site = await Site.open(new Content(measurements), { seed: "compare" });
    const tally = new Tally();
    const client = openClient({ tally, concurrency: 50, timeout: "2s", base: site.origin });
    const fetcher = new Fetcher(client, [], tally);
    const jobs = measurements.earthquakes.map(({ id }) => ({ source: "earthquakes", url: `/earthquakes/${id}` }));
    const { jobs: count, sequential, atOnce, mean, error } = await compare(jobs, fetcher);
    expect([count, tally.requests - tally.retries]).toEqual([12, 24]);
    expect(sequential).toBeCloseTo(mean * 12);
    expect(error).toBeGreaterThan(0);
    expect(atOnce).toBeLessThan(sequential / 2);
  }),
);
