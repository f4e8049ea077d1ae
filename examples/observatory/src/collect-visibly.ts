import { CancelledError, type Awaitable } from "tsyncio";
import type { Tally } from "./collect/tally.ts";
import { counted } from "./report/figures.ts";
import { progressView, withProgress } from "./report/progress.ts";

export interface Collection {
  readonly tally: Tally;
  /** How many records each source will have. */
  readonly expected: ReadonlyMap<string, number>;
  /** How many jobs are known to be left. */
  readonly left: () => number;
}

/** Collects with a progress display; when cancelled (Ctrl-C), says what there is by then. */
export async function collectVisibly(
  { tally, expected, left }: Collection,
  collecting: () => Awaitable<void>,
): Promise<void> {
  const view = progressView(tally, expected, process.stderr);
  try {
    await withProgress(view, collecting);
  } catch (error) {
    if (error instanceof CancelledError) {
      const records = counted(tally.allRecords, "record");
      console.error(`Stopped: ${records} stored, ${counted(left(), "job")} left; run it again to go on`);
    }
    throw error;
  }
}
