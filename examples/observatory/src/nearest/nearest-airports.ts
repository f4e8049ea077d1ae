import { readFileSync, rmSync } from "node:fs";
import { batch, type BatchReport } from "@tsyncio/batch";
import type { Row } from "../collect/job.ts";
import type { Source } from "../collect/source.ts";
import type { NearestAirport } from "../site/nearest-airport.ts";
import type { Store } from "../store/store.ts";

/** The airport that is nearest to each earthquake, as a service of the site finds it. */
export const nearest: Source = {
  name: "nearest",
  table: { columns: { id: "TEXT", iata: "TEXT", kilometres: "REAL" }, key: ["id"] },
};

export interface NearestAirportsOptions {
  /** Where the service is. */
  readonly origin: string;
  readonly earthquakes: readonly Row[];
  readonly store: Store;
  /** The file of the answers. A batch that was stopped goes on from it. */
  readonly file: string;
}

/**
 * Asks for the nearest airport of each earthquake, as fast as the service allows, which it tells in its answers. What was answered
 * in an earlier run is not asked again.
 */
export async function nearestAirports({
  origin,
  earthquakes,
  store,
  file,
}: NearestAirportsOptions): Promise<BatchReport> {
  const report = await batch(earthquakes, {
    id: "id",
    request: ({ latitude, longitude }: Row) => ({
      url: `${origin}/api/v1/nearest-airport`,
      json: { latitude, longitude },
      timeout: { headers: "2s", body: "2s" },
    }),
    output: file,
  });
  if (report.complete && report.failures === 0) {
    store.put(nearest, answersIn(file));
    rmSync(file);
  }
  return report;
}

interface Answer {
  readonly id: string;
  readonly result: NearestAirport;
}

function answersIn(file: string): Row[] {
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  return lines.map((line) => {
    const { id, result } = JSON.parse(line) as Answer;
    return { id, ...result };
  });
}
