/**
 * The website as a program of its own: plain Node, no tsyncio. Whoever starts it with an IPC channel is told the origin,
 * and it ends when that channel does, so that it never outlives the program that it was started for.
 */
import { parseArgs } from "node:util";
import { Content } from "./content.ts";
import { loadMeasurements } from "./measurements.ts";
import { Site } from "./site.ts";

const isChild = process.send !== undefined;
if (isChild) {
  // Ctrl-C reaches every process of a terminal; the one that started this one decides when the site ends.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => {});
  process.on("disconnect", () => process.exit());
}

const { values } = parseArgs({
  options: { port: { type: "string" }, records: { type: "string" }, seed: { type: "string" } },
});

const content = new Content(loadMeasurements(values.records === undefined ? undefined : Number(values.records)));
const site = await Site.open(content, { port: Number(values.port ?? 0), seed: values.seed });

if (!isChild) console.log(site.origin);
// Whoever has gone meanwhile is told nothing.
else if (process.connected) process.send!({ origin: site.origin }, undefined, undefined, () => {});
else process.exit();
