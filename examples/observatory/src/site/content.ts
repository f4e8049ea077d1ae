import { catalogueOf, type Catalogue } from "./catalogue.ts";
import { EarthquakePages } from "./earthquake-pages.ts";
import type { Airport, Measurements } from "./measurements.ts";
import { type Place, nearestAirport } from "./nearest-airport.ts";
import { page, table } from "./page.ts";
import { slice } from "./slice.ts";
import { WeatherPages } from "./weather-pages.ts";

/** How many records stand on a page of the API, and how many lines on a page of a list. */
export interface PageSizes {
  readonly api: number;
  readonly list: number;
}

export interface Document {
  readonly status: 200 | 400 | 404;
  readonly type: "text/html; charset=utf-8" | "application/json";
  readonly body: string;
}

/** Everything that can be read on the site, without the ways in which reading it may fail. */
export class Content {
  readonly #catalogue: Catalogue;
  readonly #lists: Readonly<Record<string, readonly object[]>>;
  readonly #airports: readonly Airport[];
  readonly #earthquakes: EarthquakePages;
  readonly #weather: WeatherPages;
  readonly #sizes: PageSizes;

  constructor(data: Measurements, sizes: PageSizes = { api: 12, list: 50 }) {
    this.#catalogue = catalogueOf(data, sizes.api);
    this.#lists = { normals: data.normals, airports: data.airports, routes: data.routes };
    this.#airports = data.airports;
    this.#earthquakes = new EarthquakePages(data.earthquakes, sizes.list);
    this.#weather = new WeatherPages(data.weather);
    this.#sizes = sizes;
  }

  /** The document at a path of the site, such as `/api/v1/airports?page=2`. */
  at(url: string): Document {
    const { pathname, searchParams } = new URL(url, "http://site");
    const pageNumber = Number(searchParams.get("page") ?? 1);
    return pathname.startsWith("/api/") ? this.#api(pathname, pageNumber) : this.#html(pathname, pageNumber);
  }

  /** What the service that finds airports answers to a request with this body. */
  nearestAirport(body: string): Document {
    const place = readPlace(body);
    if (place === undefined) return json(400, { error: "Expected a latitude and a longitude, in degrees" });
    return json(200, nearestAirport(this.#airports, place));
  }

  #api(path: string, pageNumber: number): Document {
    if (path === "/api/v1") return json(200, this.#catalogue);
    const list = this.#lists[path.slice("/api/v1/".length)];
    const found = list && slice(list, pageNumber, this.#sizes.api);
    return found ? json(200, found) : json(404, { error: `Cannot find ${path}, page ${pageNumber}` });
  }

  #html(path: string, pageNumber: number): Document {
    const body = this.#page(path, pageNumber);
    if (body !== undefined) return html(200, body);
    return html(404, page("Not found", `<p>There is no such page. <a href="/">To the start</a></p>`));
  }

  #page(path: string, pageNumber: number): string | undefined {
    if (path === "/") return this.#home();
    if (/^\/earthquakes(\/|$)/.test(path)) return this.#earthquakes.render(path, pageNumber);
    if (/^\/weather(\/|$)/.test(path)) return this.#weather.render(path);
    return undefined;
  }

  #home(): string {
    const rows = this.#catalogue.sources.map(({ name, start, records }) => [
      `<a href="${start}">${name}</a>`,
      start.startsWith("/api/") ? "JSON, paged" : "HTML pages",
      records.toLocaleString("en"),
    ]);
    return page("Observatory", table("sources", ["Source", "Published as", "Records"], rows, 2));
  }
}

function readPlace(body: string): Place | undefined {
  try {
    const place = JSON.parse(body) as Partial<Place>;
    return Number.isFinite(place.latitude) && Number.isFinite(place.longitude) ? (place as Place) : undefined;
  } catch {
    return undefined;
  }
}

function json(status: Document["status"], value: object): Document {
  return { status, type: "application/json", body: JSON.stringify(value) };
}

function html(status: 200 | 404, body: string): Document {
  return { status, type: "text/html; charset=utf-8", body };
}
