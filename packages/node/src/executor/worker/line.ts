import type { CanCarry } from "../cloneable.ts";
import type { FromWorker } from "../messages.ts";

/** The worker's half of its line to the pool. */
export interface Line {
  readonly canCarry: CanCarry;
  /** @throws what cannot be sent. */
  post(message: FromWorker, transfer?: readonly unknown[]): void;
  /** Counts the job at this place among all that were sent as begun; false when it has been taken back. */
  begin(place: number): boolean;
  /** Whether all that was posted is out of this worker's hands, so that it arrives even if this ends now; else `then` is called when it is. */
  posted(then: () => void): boolean;
}
