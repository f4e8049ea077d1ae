import type { Tally } from "../collect/tally.ts";
import { count, counted, time } from "./figures.ts";
import type { ProgressView } from "./progress.ts";

/** A line for each update: for files, pipes and CI. */
export class ProgressLines implements ProgressView {
  readonly interval = 1_000;
  readonly #tally: Tally;
  readonly #total: number;
  readonly #stream: NodeJS.WritableStream;

  constructor(tally: Tally, expected: ReadonlyMap<string, number>, stream: NodeJS.WritableStream) {
    this.#tally = tally;
    this.#total = [...expected.values()].reduce((sum, records) => sum + records, 0);
    this.#stream = stream;
  }

  update(): void {
    const { elapsed, allRecords } = this.#tally;
    this.#stream.write(
      `${time(elapsed).padStart(7)}  ${count(allRecords)} of ${count(this.#total)} records; ${activity(this.#tally)}\n`,
    );
  }

  stop(): void {}
}

/** What goes on at the moment. */
export function activity({ running, pagesWaiting, inFlight, retries }: Tally): string {
  const waiting = pagesWaiting === undefined ? "" : `${counted(pagesWaiting(), "page")} waiting, `;
  return `${counted(running.now, "job")} running, ${waiting}${counted(inFlight.now, "request")} in flight, ${count(retries)} retried`;
}
