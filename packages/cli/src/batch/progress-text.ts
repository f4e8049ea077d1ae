import type { BatchProgress, BatchReport, BatchStartEvent, LimitProgress } from "@tsyncio/batch";

const NUMBER = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const RATE = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });

/** "4,200". */
export function count(value: number): string {
  return NUMBER.format(value);
}

/** "33.2/s", or "12/min" for what is slower than one a second. */
export function pace(perSecond: number): string {
  return perSecond >= 1 ? `${RATE.format(perSecond)}/s` : `${RATE.format(perSecond * 60)}/min`;
}

/** "2h 05m", "2m 54s", "8s". */
export function span(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${pad(seconds % 60)}s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours}h ${pad(minutes % 60)}m` : `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}

/** "4,200 of 10,000", "4,200 of about 10,000", "4,200". */
export function doneOf({ done, total, totalIsExact }: BatchProgress): string {
  return total === null ? count(done) : `${count(done)} of ${totalIsExact ? "" : "about "}${count(total)}`;
}

/** "81,200 of 90,000 tokens per minute". */
export function usedOf({ name, used, permitted }: LimitProgress): string {
  return `${count(used)}${permitted === null ? "" : ` of ${count(permitted)}`} ${name} per minute`;
}

/** What there was before; nothing when there was nothing. */
export function startText({ output, recorded, recordedFailures, forgotten, mended }: BatchStartEvent): string[] {
  const lines: string[] = [];
  if (mended > 0) lines.push(`${output}: its last line was torn and is removed (${count(mended)} bytes)`);
  if (forgotten > 0) lines.push(`${output}: ${plural(forgotten, "failure")} forgotten, to be sent again`);
  if (recorded > 0) {
    const failures = recordedFailures > 0 ? `, ${count(recordedFailures)} of them failed` : "";
    lines.push(`${output}: ${plural(recorded, "result")} already there${failures}`);
  }
  return lines;
}

/** What became of it, in a few lines. */
export function reportText(report: BatchReport, output: string): string[] {
  const { succeeded, failed, skipped, faultCount, failures, attempts, limited, elapsed, stopped } = report;
  const parts = [`${plural(succeeded, "result")} in ${span(elapsed)}`];
  if (failed > 0) parts.push(`${count(failed)} failed`);
  if (skipped > 0) parts.push(`${count(skipped)} already there`);
  if (faultCount > 0) parts.push(`${plural(faultCount, "line")} with faults`);
  const again = attempts - succeeded - failed;
  if (again > 0) parts.push(`${count(again)} sent again${limited > 0 ? ` (${count(limited)} for limits)` : ""}`);
  const usage = Object.entries(report.usage).map(([name, amount]) => `${count(amount)} ${name}`);
  const lines = [[...parts, ...usage].join(", ")];
  if (stopped !== null) lines.push(`Stopped: ${stopped}`, "The same command sends what has no result");
  else if (failures > 0)
    lines.push(`Failed: ${count(failures)}, see "ok":false in ${output}; --retry-failed sends them again`);
  return lines;
}

function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}
