import { groupBy } from "./group-by.ts";
import type { Earthquake } from "./measurements.ts";
import { escapeHtml, page, pagination, table } from "./page.ts";
import { slice } from "./slice.ts";

/** `/earthquakes`, `/earthquakes/days/2018-02-06?page=2` and one page for each earthquake. */
export class EarthquakePages {
  readonly #byId: Map<string, Earthquake>;
  readonly #byDay: Map<string, Earthquake[]>;
  readonly #pageSize: number;

  constructor(earthquakes: readonly Earthquake[], pageSize: number) {
    this.#byId = new Map(earthquakes.map((quake) => [quake.id, quake]));
    this.#byDay = groupBy(earthquakes, ({ time }) => time.slice(0, 10));
    this.#pageSize = pageSize;
  }

  /** The HTML at a path below /earthquakes, undefined when there is none. */
  render(path: string, pageNumber: number): string | undefined {
    if (path === "/earthquakes") return this.#days();
    const day = /^\/earthquakes\/days\/([\d-]+)$/.exec(path)?.[1];
    if (day !== undefined) return this.#day(day, pageNumber);
    const quake = this.#byId.get(path.slice("/earthquakes/".length));
    return quake && this.#earthquake(quake);
  }

  #days(): string {
    const rows = [...this.#byDay].map(([day, quakes]) => [
      `<a href="/earthquakes/days/${day}?page=1">${day}</a>`,
      String(quakes.length),
      String(Math.max(...quakes.map(({ magnitude }) => magnitude ?? 0))),
    ]);
    return page("Earthquakes by day", table("days", ["Day", "Earthquakes", "Strongest"], rows, 1));
  }

  #day(day: string, pageNumber: number): string | undefined {
    const quakes = this.#byDay.get(day);
    const found = quakes && slice(quakes, pageNumber, this.#pageSize);
    if (found === undefined) return undefined;
    const rows = found.items.map(({ id, time, place, magnitude }) => [
      time.slice(11, 19),
      `<a href="/earthquakes/${encodeURIComponent(id)}">${escapeHtml(place)}</a>`,
      magnitude === null ? "" : magnitude.toFixed(1),
    ]);
    const list = table("earthquakes", ["Time (UTC)", "Place", "Magnitude"], rows, 2);
    return page(
      `Earthquakes of ${day}`,
      `<p>${found.total} earthquakes</p>\n${list}\n${pagination(`/earthquakes/days/${day}`, pageNumber, found.pages)}`,
    );
  }

  #earthquake({ id, time, place, magnitude, latitude, longitude, depth, kind }: Earthquake): string {
    const facts = [
      ["id", "Identifier", id],
      ["time", "Time (UTC)", time],
      ["place", "Place", place],
      ["magnitude", "Magnitude", magnitude ?? "unknown"],
      ["latitude", "Latitude", latitude],
      ["longitude", "Longitude", longitude],
      ["depth", "Depth in km", depth],
      ["kind", "Kind", kind],
    ] as const;
    const lines = facts.map(([key, label, value]) => {
      return `<dt>${label}</dt><dd data-field="${key}">${escapeHtml(String(value))}</dd>`;
    });
    return page(place, `<dl class="earthquake">\n${lines.join("\n")}\n</dl>`);
  }
}
