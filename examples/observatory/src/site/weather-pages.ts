import { groupBy } from "./group-by.ts";
import type { WeatherDay } from "./measurements.ts";
import { escapeHtml, page, table } from "./page.ts";

/** `/weather`, and a page for each place and month: `/weather/new-york/2012-03`. */
export class WeatherPages {
  readonly #byPath: Map<string, WeatherDay[]>;

  constructor(weather: readonly WeatherDay[]) {
    this.#byPath = groupBy(weather, ({ location, date }) => {
      return `/weather/${location.toLowerCase().replaceAll(" ", "-")}/${date.slice(0, 7)}`;
    });
  }

  /** The HTML at a path below /weather, undefined when there is none. */
  render(path: string): string | undefined {
    if (path === "/weather") return this.#months();
    const days = this.#byPath.get(path);
    return days && this.#month(days);
  }

  #months(): string {
    const byPlace = groupBy(this.#byPath, ([, days]) => days[0]!.location);
    const lists = [...byPlace].map(([place, months]) => {
      const links = months.map(([path]) => `<li><a href="${path}">${path.slice(-7)}</a></li>`);
      return `<h2>${escapeHtml(place)}</h2>\n<ul class="links months">\n${links.join("\n")}\n</ul>`;
    });
    return page("Weather by month", lists.join("\n"));
  }

  #month(days: readonly WeatherDay[]): string {
    const { location, date } = days[0]!;
    const columns = ["Date", "Weather", "Rain in mm", "Warmest in °C", "Coldest in °C", "Wind in m/s"];
    const rows = days.map((day) => [
      day.date,
      day.weather,
      ...[day.precipitation, day.warmest, day.coldest, day.wind].map(String),
    ]);
    return page(
      `Weather in ${location}, ${date.slice(0, 7)}`,
      `<p>Station: <span class="location">${escapeHtml(location)}</span></p>\n${table("weather", columns, rows, 2)}`,
    );
  }
}
