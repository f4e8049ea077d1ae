import type { CrawledSource } from "../collect/source.ts";
import { wholePage } from "./whole-page.ts";

/** The weather of each day: a page with a table for each place and month. */
export const weather: CrawledSource = {
  name: "weather",
  table: {
    columns: {
      location: "TEXT",
      date: "TEXT",
      weather: "TEXT",
      precipitation: "REAL",
      warmest: "REAL",
      coldest: "REAL",
      wind: "REAL",
    },
    key: ["location", "date"],
  },
  links: "ul.months a",
  read(page) {
    const $ = wholePage(page);
    const location = $(".location").text();
    const records = $("table.weather tbody tr").map((_, row) => {
      const [date, weather, ...numbers] = $(row)
        .find("td")
        .map((_, cell) => $(cell).text())
        .get();
      const [precipitation, warmest, coldest, wind] = numbers.map(Number);
      return { location, date, weather, precipitation, warmest, coldest, wind };
    });
    return records.get();
  },
};
