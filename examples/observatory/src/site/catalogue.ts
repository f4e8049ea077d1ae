import { createHash } from "node:crypto";
import type { Measurements } from "./measurements.ts";

/** What the site says it has: the JSON at /api/v1. */
export interface Catalogue {
  /** Changes whenever what is published changes, or where. */
  readonly edition: string;
  readonly sources: readonly Announcement[];
}

export interface Announcement {
  readonly name: string;
  /** Where to begin: a path of the site. */
  readonly start: string;
  readonly records: number;
  /** `digestOf` the keys of all records. */
  readonly digest: string;
}

/** Announces every source with its count and digest. */
export function catalogueOf(data: Measurements, pageSize: number): Catalogue {
  const sources = [
    announce(
      "earthquakes",
      "/earthquakes",
      data.earthquakes.map(({ id }) => id),
    ),
    announce(
      "weather",
      "/weather",
      data.weather.map(({ location, date }) => `${location} ${date}`),
    ),
    announce(
      "normals",
      "/api/v1/normals?page=1",
      data.normals.map(({ hour }) => hour),
    ),
    announce(
      "airports",
      "/api/v1/airports?page=1",
      data.airports.map(({ iata }) => iata),
    ),
    announce(
      "routes",
      "/api/v1/routes?page=1",
      data.routes.map(({ origin, destination }) => `${origin} ${destination}`),
    ),
  ];
  return { edition: digestOf([`page size ${pageSize}`, ...sources.map(({ digest }) => digest)]), sources };
}

function announce(name: string, start: string, keys: readonly string[]): Announcement {
  return { name, start, records: keys.length, digest: digestOf(keys) };
}

/** A fingerprint of a set of keys, whatever their order: the first 16 hexadecimal digits of a SHA-256. */
export function digestOf(keys: readonly string[]): string {
  return createHash("sha256").update(keys.toSorted().join("\n")).digest("hex").slice(0, 16);
}
