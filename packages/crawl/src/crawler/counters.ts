import type { Visit } from "./visit.ts";

/** What a run has done so far. */
export class Counters {
  /** When it began, on the clock of the loop. */
  readonly began: number;
  requests = 0;
  done = 0;
  redirected = 0;
  skipped = 0;
  failed = 0;
  retried = 0;
  items = 0;
  bytes = 0;

  constructor(began: number) {
    this.began = began;
  }

  /** Addresses that are settled. */
  get pages(): number {
    return this.done + this.redirected + this.skipped + this.failed;
  }

  count({ state, items, bytes }: Visit): void {
    if (state === "waiting") this.retried++;
    else this[state]++;
    this.items += items.length;
    this.bytes += bytes ?? 0;
  }
}
