import type { Writable } from "node:stream";
import type { BatchEvent, BatchProgress } from "@tsyncio/batch";
import type { Display } from "./batch-command.ts";
import { Notices } from "./notices.ts";
import { count, doneOf, pace, reportText, span, startText, usedOf } from "./progress-text.ts";

/** Progress as plain lines: for logs. */
export function progressLines(stream: Writable, interval: number): Display {
  const notices = new Notices();
  let output = "";
  const show = (event: BatchEvent): string[] => {
    if (event.type === "start") output = event.output;
    const notice = notices.of(event);
    if (notice !== null) return [notice];
    if (event.type === "start") return startText(event);
    if (event.type === "stopping") return [`Stopping: ${event.reason}; waiting for what is in flight`];
    if (event.type === "progress") return [progressLine(event)];
    return event.type === "end" ? reportText(event, output) : [];
  };
  return {
    show: (event) => {
      for (const line of show(event)) stream.write(`${line}\n`);
    },
    interval,
    close: () => {},
  };
}

function progressLine(progress: BatchProgress): string {
  const { failed, inFlight, waiting, rate, limits, pausedFor, timeLeft } = progress;
  const parts = [`${doneOf(progress)} done`, pace(rate), `${count(inFlight)} in flight`];
  if (failed > 0) parts.push(`${count(failed)} failed`);
  if (waiting > 0) parts.push(`${count(waiting)} waiting`);
  parts.push(...limits.map(usedOf));
  if (pausedFor > 0) parts.push(`paused for ${span(pausedFor)}`);
  if (timeLeft !== null) parts.push(`${span(timeLeft)} left`);
  return parts.join(", ");
}
