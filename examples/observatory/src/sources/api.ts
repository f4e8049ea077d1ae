import { HttpDecodeError, type HttpResponse } from "@tsyncio/http";
import type { Reading, Row } from "../collect/job.ts";
import { type FetchedSource, type Table, UnreadableError } from "../collect/source.ts";

/** What the API of the observatory's site answers to a request for a list. */
interface ListPage {
  readonly items: readonly Row[];
  readonly page: number;
  readonly pages: number;
}

/** The normal temperature, pressure and wind of every hour of the year in Seattle. */
export const normals: FetchedSource = apiSource("normals", {
  columns: { hour: "TEXT", pressure: "REAL", temperature: "REAL", wind: "REAL" },
  key: ["hour"],
});

export const airports: FetchedSource = apiSource("airports", {
  columns: {
    iata: "TEXT",
    name: "TEXT",
    city: "TEXT",
    state: "TEXT",
    country: "TEXT",
    latitude: "REAL",
    longitude: "REAL",
  },
  key: ["iata"],
});

/** How many flights went from one airport to another. */
export const routes: FetchedSource = apiSource("routes", {
  columns: { origin: "TEXT", destination: "TEXT", flights: "INTEGER" },
  key: ["origin", "destination"],
});

/** A list of the API: its first page says how many there are, so that the others can be asked for at once. */
function apiSource(name: string, table: Table): FetchedSource {
  return { name, table, read: readListPage };
}

function readListPage(url: string, answer: HttpResponse): Reading {
  const { items, page, pages } = parse(answer);
  const [path] = url.split("?");
  const others = page === 1 ? Array.from({ length: pages - 1 }, (_, index) => `${path}?page=${index + 2}`) : [];
  return { records: items, found: others };
}

function parse(answer: HttpResponse): ListPage {
  try {
    return answer.json<ListPage>();
  } catch (error) {
    if (!(error instanceof HttpDecodeError)) throw error;
    throw new UnreadableError("the JSON is not whole");
  }
}
