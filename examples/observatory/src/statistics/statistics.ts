import { ThreadPoolExecutor, remote, transfer } from "@tsyncio/node";
import { createTask, gather, sleep } from "tsyncio";
import type { Row } from "../collect/job.ts";
import type { Source } from "../collect/source.ts";
import type { Description } from "./describe.ts";

const work = remote<typeof import("./describe.ts")>(new URL("./describe.ts", import.meta.url));
const SEED = 7;
/** How often it is looked whether the loop is late, in milliseconds. */
const TICK = 2;

/** A column of numbers, described. */
export interface ColumnStatistics {
  readonly source: string;
  readonly column: string;
  readonly description: Description;
}

/** The statistics of all records, and what they took. */
export interface Statistics {
  readonly columns: readonly ColumnStatistics[];
  readonly resamples: number;
  /** Milliseconds from the beginning to the end. */
  readonly elapsed: number;
  /** Threads that worked on it. */
  readonly threads: number;
  /** The longest that the event loop was late meanwhile, in milliseconds. */
  readonly late: number;
}

/** Describes every column of numbers, each on a thread; the event loop goes on meanwhile. */
export async function statisticsOf(
  sources: readonly Source[],
  rows: (source: string) => readonly Row[],
  resamples: number,
): Promise<Statistics> {
  const columns = sources.flatMap((source) => columnsOf(source, rows(source.name)));
  const begun = performance.now();
  await using pool = new ThreadPoolExecutor();
  const lateness = { longest: 0 };
  const watching = createTask(watch(lateness));
  const described = await gather(
    columns.map(async ({ source, column, values }): Promise<ColumnStatistics> => {
      // Moved to the thread: nothing here needs them any more.
      const description = await pool.submit(work.describe, transfer(values), resamples, SEED);
      return { source, column, description };
    }),
  );
  watching.cancel();
  const { workers: threads } = pool.statistics();
  return { columns: described, resamples, elapsed: performance.now() - begun, threads, late: lateness.longest };
}

/** Sleeps and looks at the clock, until it is cancelled. */
async function watch(lateness: { longest: number }): Promise<never> {
  for (;;) {
    const due = performance.now() + TICK;
    await sleep(TICK);
    lateness.longest = Math.max(lateness.longest, performance.now() - due);
  }
}

/** The columns of numbers that have any. */
function columnsOf({ name, table }: Source, rows: readonly Row[]) {
  const numeric = Object.keys(table.columns).filter((column) => table.columns[column] !== "TEXT");
  return numeric
    .map((column) => ({ source: name, column, values: numbersOf(rows, column) }))
    .filter(({ values }) => values.length > 0);
}

function numbersOf(rows: readonly Row[], column: string): Float64Array<ArrayBuffer> {
  return Float64Array.from(rows.map((row) => row[column]).filter((value) => typeof value === "number"));
}
