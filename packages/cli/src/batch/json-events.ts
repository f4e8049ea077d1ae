import type { Writable } from "node:stream";
import type { BatchEvent } from "@tsyncio/batch";

/** Writes each event as a line of JSON. */
export function jsonEvents(stream: Writable): (event: BatchEvent) => void {
  return (event) => void stream.write(`${JSON.stringify(event)}\n`);
}
