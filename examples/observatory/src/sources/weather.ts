import type { Source } from "../collect/source.ts";
import { links, wholePage } from "./html.ts";

/** The weather of each day: a page with a table for each place and month. */
export const weather: Source = {
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
  read(_url, answer) {
    const $ = wholePage(answer);
    const location = $(".location").text();
    const records = $("table.weather tbody tr").map((_, row) => {
      const [date, weather, ...numbers] = $(row)
        .find("td")
        .map((_, cell) => $(cell).text())
        .get();
      const [precipitation, warmest, coldest, wind] = numbers.map(Number);
      return { location, date, weather, precipitation, warmest, coldest, wind };
    });
    return { records: records.get(), found: links($, "ul.months a") };
  },
};
