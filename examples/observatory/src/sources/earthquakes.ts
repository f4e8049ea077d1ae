import type { CheerioAPI } from "cheerio/slim";
import type { Row } from "../collect/job.ts";
import { type CrawledSource, UnreadableError } from "../collect/source.ts";
import { wholePage } from "./whole-page.ts";

/** Earthquakes: one page each, which the pages of the days lead to. */
export const earthquakes: CrawledSource = {
  name: "earthquakes",
  table: {
    columns: {
      id: "TEXT",
      time: "TEXT",
      place: "TEXT",
      magnitude: "REAL",
      latitude: "REAL",
      longitude: "REAL",
      depth: "REAL",
      kind: "TEXT",
    },
    key: ["id"],
  },
  links: "table.days a, table.earthquakes a, nav.pages a",
  read(page) {
    const $ = wholePage(page);
    return $("dl.earthquake").length > 0 ? [earthquake($)] : [];
  },
};

function earthquake($: CheerioAPI): Row {
  const field = (name: string) => {
    const element = $(`dl.earthquake [data-field="${name}"]`);
    if (element.length !== 1) throw new UnreadableError(`the page of an earthquake has no ${name}`);
    return element.text();
  };
  const magnitude = field("magnitude");
  return {
    id: field("id"),
    time: field("time"),
    place: field("place"),
    magnitude: magnitude === "unknown" ? null : Number(magnitude),
    latitude: Number(field("latitude")),
    longitude: Number(field("longitude")),
    depth: Number(field("depth")),
    kind: field("kind"),
  };
}
