import type { CrawlStore, LeftOut, StoredCut } from "../store/crawl-store.ts";
import { STATES, type UrlState } from "../store/schema.ts";

/** Why a crawl ended. */
export type CrawlEnd = "complete" | "maxPages" | "stopped";

/** What there was of one host. */
export interface HostReport {
  readonly origin: string;
  readonly pages: number;
  readonly failed: number;
  readonly bytes: number;
  /** Of its answers, in milliseconds. */
  readonly medianElapsed: number;
}

/** A page that took long. */
export interface SlowPage {
  readonly url: string;
  /** In milliseconds. */
  readonly elapsed: number;
  readonly bytes: number | null;
}

/** What could not be fetched or read, by its reason. */
export interface Problem {
  readonly state: "failed" | "skipped";
  readonly reason: string;
  readonly count: number;
  readonly example: string;
}

/** A part of the time of a crawl. */
export interface TimeSlice {
  /** When it began, in milliseconds since 1970. */
  readonly at: number;
  readonly pages: number;
  readonly failed: number;
}

/** What has become of a crawl, with all runs that it took. */
export interface CrawlReport {
  /** `"complete"`: nothing is left to do. */
  readonly ended: CrawlEnd;
  /** How many addresses there are in each state; `waiting` is left to do. */
  readonly pages: Readonly<Record<UrlState, number>>;
  readonly items: number;
  readonly bytes: number;
  /** Of this run, in milliseconds. */
  readonly elapsed: number;
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** The hosts with the most pages first, 50 at most. */
  readonly hosts: readonly HostReport[];
  /** The slowest pages, 20 at most. */
  readonly slowest: readonly SlowPage[];
  readonly problems: readonly Problem[];
  /** Addresses that did not enter the crawl, by reason. */
  readonly leftOut: readonly LeftOut[];
  /** Patterns that were taken for traps: what was cut, why, and how much that has left out. */
  readonly cuts: readonly StoredCut[];
  /** What was fetched when, in at most 120 slices of equal length. */
  readonly timeline: readonly TimeSlice[];
  /** The length of a slice, in milliseconds. */
  readonly slice: number;
  /** The file of the crawl; null when it was in memory. */
  readonly store: string | null;
}

const MAX_HOSTS = 50;
const MAX_SLOWEST = 20;
const SLICES = 120;
const FAILED = STATES.indexOf("failed");
const SKIPPED = STATES.indexOf("skipped");
const DONE = STATES.indexOf("done");

/** @internal Reads the report of a crawl from its store. */
export function readReport(store: CrawlStore, run: Pick<CrawlReport, "ended" | "elapsed" | "store">): CrawlReport {
  const all = <T>(sql: string, ...values: (string | number)[]): T[] =>
    store.database.prepare(sql).all(...values) as T[];
  const statuses = all<{ status: number; count: number }>(
    "SELECT status, COUNT(*) AS count FROM urls WHERE status IS NOT NULL GROUP BY status ORDER BY status",
  );
  const problems = all<{ state: number; reason: string; count: number; example: string }>(
    "SELECT state, reason, COUNT(*) AS count, MIN(url) AS example FROM urls WHERE state IN (?, ?) GROUP BY state, reason ORDER BY count DESC, reason",
    FAILED,
    SKIPPED,
  );
  return Object.freeze({
    ...run,
    pages: store.counts(),
    items: store.itemCount(),
    bytes: all<{ sum: number | null }>("SELECT SUM(bytes) AS sum FROM urls")[0]?.sum ?? 0,
    statuses: Object.fromEntries(statuses.map(({ status, count }) => [String(status), count])),
    hosts: readHosts(all),
    slowest: all<SlowPage>(
      "SELECT url, elapsed, bytes FROM urls WHERE elapsed IS NOT NULL ORDER BY elapsed DESC LIMIT ?",
      MAX_SLOWEST,
    ),
    problems: problems.map((row) => ({
      ...row,
      state: row.state === FAILED ? ("failed" as const) : ("skipped" as const),
    })),
    leftOut: store.leftOut(),
    cuts: store.cuts(),
    ...readTimeline(all),
  });
}

type All = <T>(sql: string, ...values: (string | number)[]) => T[];

function readHosts(all: All): HostReport[] {
  const hosts = all<{ id: number; origin: string; pages: number; failed: number; bytes: number | null; timed: number }>(
    `SELECT hosts.id, origin, SUM(state = ${DONE}) AS pages, SUM(state = ${FAILED}) AS failed, SUM(bytes) AS bytes, COUNT(elapsed) AS timed
     FROM urls JOIN hosts ON hosts.id = urls.host GROUP BY hosts.id ORDER BY pages DESC, origin LIMIT ?`,
    MAX_HOSTS,
  );
  return hosts.map(({ id, origin, pages, failed, bytes, timed }) => {
    const middle = Math.floor(timed / 2);
    const median = all<{ elapsed: number }>(
      "SELECT elapsed FROM urls WHERE host = ? AND elapsed IS NOT NULL ORDER BY elapsed LIMIT 1 OFFSET ?",
      id,
      middle,
    );
    return { origin, pages, failed, bytes: bytes ?? 0, medianElapsed: median[0]?.elapsed ?? 0 };
  });
}

function readTimeline(all: All): { timeline: TimeSlice[]; slice: number } {
  const [{ first, last } = { first: null, last: null }] = all<{ first: number | null; last: number | null }>(
    "SELECT MIN(fetched_at) AS first, MAX(fetched_at) AS last FROM urls WHERE status IS NOT NULL",
  );
  if (first === null || last === null) return { timeline: [], slice: 1000 };
  const slice = Math.max(100, Math.ceil((last - first + 1) / SLICES));
  const timeline = all<TimeSlice>(
    `SELECT (fetched_at - ?) / ? * ? + ? AS at, SUM(state <> ${FAILED}) AS pages, SUM(state = ${FAILED}) AS failed
     FROM urls WHERE status IS NOT NULL GROUP BY at ORDER BY at`,
    first,
    slice,
    slice,
    first,
  );
  return { timeline, slice };
}
