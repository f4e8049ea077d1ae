import type { BatchEvent } from "@tsyncio/batch";
import { span } from "./progress-text.ts";

const MOST = 10;

/** One line for what went wrong with one item, the first ten times; null for all else. */
export class Notices {
  #told = 0;

  of(event: BatchEvent): string | null {
    const text = textOf(event);
    if (text === null) return null;
    this.#told++;
    if (this.#told > MOST) return null;
    return this.#told === MOST ? `${text}\n(more of these are counted, not shown)` : text;
  }
}

function textOf(event: BatchEvent): string | null {
  if (event.type === "fault") return event.message;
  if (event.type === "result" && event.error !== undefined) return `Line ${event.line} failed: ${event.error.message}`;
  if (event.type === "retry" && !event.limited) {
    return `Line ${event.line} again in ${span(event.delay)}: ${event.message}`;
  }
  return null;
}
