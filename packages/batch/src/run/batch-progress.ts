/** How a limit is used. */
export interface LimitProgress {
  /** "requests", "tokens". */
  readonly name: string;
  /** What was used in the last minute. */
  readonly used: number;
  /** What is permitted in a minute; null when it is not known. */
  readonly permitted: number | null;
}

/** How a batch is doing. Times are milliseconds. */
export interface BatchProgress {
  /** Items that were taken from the input, and have a result now or had one before, or a fault. */
  readonly done: number;
  /** How many items there are: exact when the whole input was read or counts itself, else by its size; null when unknown. */
  readonly total: number | null;
  readonly totalIsExact: boolean;
  readonly succeeded: number;
  readonly failed: number;
  readonly skipped: number;
  readonly faults: number;
  /** Sent, and not answered. */
  readonly inFlight: number;
  /** To be sent again after a while. */
  readonly waiting: number;
  /** How many may be in flight, as it is found now. */
  readonly concurrency: number;
  /** Results in a second, over the last minute. */
  readonly rate: number;
  readonly limits: readonly LimitProgress[];
  /** How long the server still wants to be left alone; 0 when it does not. */
  readonly pausedFor: number;
  readonly elapsed: number;
  /** How long it will still take; null when nobody can tell. */
  readonly timeLeft: number | null;
}
