import type { CheerioAPI } from "cheerio";
import type { Row } from "../collect/job.ts";
import { UnreadableError, type Source } from "../collect/source.ts";
import { links, wholePage } from "./html.ts";

/** Earthquakes: one page each, which the pages of the days lead to. */
export const earthquakes: Source = {
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
  read(_url, answer) {
    const $ = wholePage(answer);
    const found = links($, "table.days a, table.earthquakes a, nav.pages a");
    return { records: $("dl.earthquake").length > 0 ? [earthquake($)] : [], found };
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
