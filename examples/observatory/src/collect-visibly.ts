import { CancelledError } from "tsyncio";
import { collect } from "./collect/collect.ts";
import type { Fetcher } from "./collect/fetcher.ts";
import type { Job } from "./collect/job.ts";
import type { Tally } from "./collect/tally.ts";
import { counted } from "./report/figures.ts";
import { progressView, withProgress } from "./report/progress.ts";
import type { Store } from "./store/store.ts";

export interface Collection {
  readonly jobs: readonly Job[];
  readonly fetcher: Fetcher;
  readonly store: Store;
  readonly tally: Tally;
  /** How many records each source will have. */
  readonly expected: ReadonlyMap<string, number>;
}

/** Collects with a progress display; when cancelled (Ctrl-C), says what there is by then. */
export async function collectVisibly({ jobs, fetcher, store, tally, expected }: Collection): Promise<void> {
  const view = progressView(tally, expected, process.stderr);
  try {
    await withProgress(view, () => collect(jobs, fetcher, store, tally));
  } catch (error) {
    if (error instanceof CancelledError) {
      const records = counted(tally.allRecords, "record");
      console.error(
        `Stopped: ${records} stored, ${counted(store.openJobs().length, "job")} left; run it again to go on`,
      );
    }
    throw error;
  }
}
