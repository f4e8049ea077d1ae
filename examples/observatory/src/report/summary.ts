import Table from "cli-table3";
import pc from "picocolors";
import type { BatchReport } from "@tsyncio/batch";
import type { Row } from "../collect/job.ts";
import type { Tally } from "../collect/tally.ts";
import type { Comparison } from "./compare.ts";
import type { Statistics } from "../statistics/statistics.ts";
import { count, counted, decimal, size, time } from "./figures.ts";
import type { Verdict } from "./verify.ts";

/** What was done in this run, in one line. */
export function summaryOf({ jobs, requests, bytes, elapsed }: Tally): string {
  const pace = `${count(requests / (elapsed / 1_000))} requests a second`;
  return (
    pc.bold(`${counted(jobs, "job")} in ${time(elapsed)}`) +
    `: ${counted(requests, "request")}, ${size(bytes)}, ${pace}`
  );
}

/** How much went on at once. */
export function concurrencyOf({ running, inFlight }: Tally): string {
  return `At once, at most: ${counted(running.most, "job")}, each a task; ${counted(inFlight.most, "request")} in flight`;
}

/** What went wrong on the way, the most frequent first. */
export function troublesOf({ troubles, failed }: Tally): string {
  const kinds = [...troubles].toSorted(([, a], [, b]) => b - a).map(([kind, times]) => `${count(times)} × ${kind}`);
  const list = kinds.length === 0 ? "none" : kinds.join(", ");
  return failed === 0
    ? `Errors survived: ${list}`
    : `Errors retried: ${list}\n${pc.red(`Given up: ${counted(failed, "job")}`)}`;
}

/** A line for each source: what the file holds, and what the site announces. */
export function verdictsTable(verdicts: readonly Verdict[]): string {
  const total = (of: (verdict: Verdict) => number) => verdicts.reduce((sum, verdict) => sum + of(verdict), 0);
  const rows = verdicts.map(({ source, stored, announced, same }) => [
    source,
    count(stored),
    count(announced),
    same ? pc.green("same") : pc.red(differenceOf(stored - announced)),
  ]);
  rows.push(["all", count(total(({ stored }) => stored)), count(total(({ announced }) => announced)), ""]);
  return tableOf(["source", "records stored", "announced", ""], rows, [1, 2]);
}

function differenceOf(surplus: number): string {
  if (surplus === 0) return "other records";
  return surplus > 0 ? `${count(surplus)} too many` : `${count(-surplus)} missing`;
}

/** What came of asking for the nearest airports, and which are the most frequent. */
export function nearestOf(report: BatchReport, rows: readonly Row[]): string {
  const { succeeded, skipped, failures, attempts, limited, elapsed } = report;
  const before = skipped > 0 ? `, ${count(skipped)} answered before` : "";
  const pace = `${count(attempts / (elapsed / 1_000))} requests a second`;
  const failed = failures > 0 ? pc.red(`, ${count(failures)} failed`) : "";
  const times = new Map<string, number>();
  for (const { iata } of rows) times.set(iata as string, (times.get(iata as string) ?? 0) + 1);
  const most = [...times].toSorted(([, a], [, b]) => b - a).slice(0, 5);
  return [
    pc.bold(`${counted(succeeded, "answer")} in ${time(elapsed)}`) +
      `${before}${failed}: ${counted(attempts, "request")}, ${count(limited)} told to come later, ${pace}`,
    `Most often: ${most.map(([iata, earthquakes]) => `${iata} (${count(earthquakes)})`).join(", ")}`,
  ].join("\n");
}

type Run = Pick<Tally, "jobs" | "retries" | "elapsed">;

/** The sample, one after another and at once, and what that says of all jobs. */
export function comparisonOf(comparison: Comparison, { jobs: all, retries, elapsed }: Run): string {
  const { jobs, sequential, atOnce, mean, error } = comparison;
  const times = (one: number, other: number) => pc.bold(`${count(one / other)} ×`);
  const rows = [
    ["the sample", count(jobs), "", time(sequential), time(atOnce), times(sequential, atOnce)],
    ["all jobs", count(all), count(retries), `${time(mean * all)} *`, time(elapsed), times(mean * all, elapsed)],
  ];
  return [
    tableOf(["", "jobs", "errors retried", "one after another", "at once", "ratio"], rows, [1, 2, 3, 4, 5]),
    `* extrapolated, not measured: ${time(mean)} (± ${time(error)}) for each of ${counted(all, "job")}, so ± ${time(error * all)} in all`,
  ].join("\n");
}

/** A line for each column of numbers, and what computing them took. */
export function statisticsTable({ columns, resamples, elapsed, threads, late }: Statistics): string {
  const rows = columns.map(({ source, column, description }) => {
    const { count: records, mean, low, high, median, most } = description;
    return [
      source,
      column,
      count(records),
      decimal(mean),
      `${decimal(low)} to ${decimal(high)}`,
      decimal(median),
      decimal(most),
    ];
  });
  const head = ["source", "column", "records", "mean", "95 % confidence", "median", "95 % at most"];
  return [
    pc.bold(`Statistics of all records in ${time(elapsed)}`) +
      `: ${counted(columns.length, "column")}, each drawn ${count(resamples)} times, on ${counted(threads, "thread")}; the event loop was late by ${time(late)} at most`,
    tableOf(head, rows, [2, 3, 4, 5, 6]),
  ].join("\n");
}

/** A table without lines between its rows. */
export function tableOf(head: string[], rows: string[][], numbers: readonly number[]): string {
  const table = new Table({
    head,
    style: { head: [], border: [], compact: true },
    colAligns: head.map((_, column) => (numbers.includes(column) ? "right" : "left")),
  });
  table.push(...rows);
  return table.toString();
}
