/** One URL to be fetched and read. */
export interface Job {
  /** Name of the source that reads the answer. */
  readonly source: string;
  /** An absolute URL, or a path of the observatory's site. */
  readonly url: string;
}

/** What became of a job. */
export interface Outcome {
  readonly job: Job;
  /** Requests sent. */
  readonly requests: number;
  readonly reading: Reading;
  /** Why it was given up; undefined when it was done. */
  readonly failure: string | undefined;
}

/** What an answer held. */
export interface Reading {
  readonly records: readonly Row[];
  /** URLs that it leads to: jobs of the same source. */
  readonly found: readonly string[];
}

/** A record: its values by the names of the table's columns. */
export type Row = Readonly<Record<string, string | number | null>>;
