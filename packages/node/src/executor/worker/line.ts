import type { CanCarry } from "../cloneable.ts";
import type { FromWorker } from "../messages.ts";
import type { Begin } from "../progress.ts";

/** The worker's half of its line to the pool. */
export interface Line {
  readonly canCarry: CanCarry;
  /** @throws what cannot be sent. */
  post(message: FromWorker, transfer?: readonly unknown[]): void;
  /** Counts the job at this place among all that were sent as begun; false when it has been taken back. */
  readonly begin: Begin;
  /** One more load of modules is under way, or one less. */
  loading(change: 1 | -1): void;
}
