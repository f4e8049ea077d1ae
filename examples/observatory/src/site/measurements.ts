import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { csvParse } from "d3-dsv";

/** What the site publishes. Units: degrees, kilometres (depth), °C, millimetres, metres per second (wind), hectopascal. */
export interface Measurements {
  readonly earthquakes: readonly Earthquake[];
  readonly weather: readonly WeatherDay[];
  readonly normals: readonly HourlyNormal[];
  readonly airports: readonly Airport[];
  readonly routes: readonly Route[];
}

export interface Earthquake {
  readonly id: string;
  /** ISO 8601, in UTC. */
  readonly time: string;
  readonly place: string;
  readonly magnitude: number | null;
  readonly longitude: number;
  readonly latitude: number;
  readonly depth: number;
  readonly kind: string;
}

export interface WeatherDay {
  readonly location: string;
  /** ISO 8601: year, month, day. */
  readonly date: string;
  readonly precipitation: number;
  readonly warmest: number;
  readonly coldest: number;
  readonly wind: number;
  readonly weather: string;
}

export interface HourlyNormal {
  readonly hour: string;
  readonly pressure: number;
  readonly temperature: number;
  readonly wind: number;
}

export interface Airport {
  readonly iata: string;
  readonly name: string;
  readonly city: string;
  readonly state: string;
  readonly country: string;
  readonly latitude: number;
  readonly longitude: number;
}

export interface Route {
  readonly origin: string;
  readonly destination: string;
  readonly flights: number;
}

/**
 * Reads the measurements from the npm package vega-datasets.
 *
 * @param limit how many records of each kind, from the first; without it, all of them
 */
export function loadMeasurements(limit = Infinity): Measurements {
  return {
    earthquakes: earthquakes().slice(0, limit),
    weather: csvParse(read("weather.csv"), (row) => ({
      location: row.location!,
      date: row.date!,
      precipitation: Number(row.precipitation),
      warmest: Number(row.temp_max),
      coldest: Number(row.temp_min),
      wind: Number(row.wind),
      weather: row.weather!,
    })).slice(0, limit),
    normals: csvParse(read("seattle-weather-hourly-normals.csv"), (row) => ({
      hour: row.date!,
      pressure: Number(row.pressure),
      temperature: Number(row.temperature),
      wind: Number(row.wind),
    })).slice(0, limit),
    airports: csvParse(read("airports.csv"), (row) => ({
      iata: row.iata!,
      name: row.name!,
      city: row.city!,
      state: row.state!,
      country: row.country!,
      latitude: Number(row.latitude),
      longitude: Number(row.longitude),
    })).slice(0, limit),
    routes: csvParse(read("flights-airport.csv"), (row) => ({
      origin: row.origin!,
      destination: row.destination!,
      flights: Number(row.count),
    })).slice(0, limit),
  };
}

interface Feature {
  readonly id: string;
  readonly properties: {
    readonly time: number;
    readonly place: string;
    readonly mag: number | null;
    readonly type: string;
  };
  readonly geometry: { readonly coordinates: readonly [number, number, number] };
}

function earthquakes(): Earthquake[] {
  const { features } = JSON.parse(read("earthquakes.json")) as { features: Feature[] };
  return features.map(({ id, properties, geometry: { coordinates } }) => ({
    id,
    time: new Date(properties.time).toISOString(),
    place: properties.place,
    magnitude: properties.mag,
    longitude: coordinates[0],
    latitude: coordinates[1],
    depth: coordinates[2],
    kind: properties.type,
  }));
}

const require = createRequire(import.meta.url);

function read(file: string): string {
  return readFileSync(new URL(`../data/${file}`, pathToFileURL(require.resolve("vega-datasets"))), "utf8");
}
