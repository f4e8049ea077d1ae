/**
 * The website as a program of its own: plain Node, no tsyncio. Whoever starts it with an IPC channel is told the origin,
 * and it ends when that channel does, so that it never outlives the program that it was started for.
 */
import { parseArgs } from "node:util";
import { Content } from "./content.ts";
import { loadMeasurements } from "./measurements.ts";
import { Site } from "./site.ts";

const { values } = parseArgs({
  options: { port: { type: "string" }, records: { type: "string" }, seed: { type: "string" } },
});

const content = new Content(loadMeasurements(values.records === undefined ? undefined : Number(values.records)));
const site = await Site.open(content, { port: Number(values.port ?? 0), seed: values.seed });

if (process.send) {
  // Ctrl-C reaches every process of a terminal; the one that started this one decides when the site ends.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => {});
  process.on("disconnect", () => process.exit());
  process.send({ origin: site.origin });
} else {
  console.log(site.origin);
}
