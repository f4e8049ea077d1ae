import type { InputFaultReport } from "./batch-event.ts";

/** What became of a batch. */
export interface BatchReport {
  /** Whether every item of the input has its result. Else some lines had faults, or it was stopped. */
  readonly complete: boolean;
  /** Why it was stopped before its end; null when it was not. */
  readonly stopped: string | null;
  /** How many items got a result in this run that is none of failure. */
  readonly succeeded: number;
  /** How many were recorded as failed in this run. */
  readonly failed: number;
  /** How many had a result before. */
  readonly skipped: number;
  /** How many results of this and earlier runs are failures: `retryFailed` sends them again. */
  readonly failures: number;
  /** How many lines of the input nothing can be sent of. */
  readonly faultCount: number;
  /** The first hundred of them. */
  readonly faults: readonly InputFaultReport[];
  /** How often something was sent. */
  readonly attempts: number;
  /** How often the server wanted it slower. */
  readonly limited: number;
  /** What all answers of this run have taken of the limits, as far as they say it. */
  readonly usage: Readonly<Record<string, number>>;
  /** In milliseconds. */
  readonly elapsed: number;
}
