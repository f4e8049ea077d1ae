import type { Reading, Row } from "./job.ts";
import type { Answer } from "./client.ts";

/** A kind of records: how an answer is read, and where its records go. */
export interface Source {
  /** In SQLite, its table has this name. */
  readonly name: string;
  readonly table: Table;
  /**
   * Reads an answer with a status of 2xx.
   *
   * @throws {UnreadableError} when the answer is not what it should be
   */
  readonly read: (url: string, answer: Answer) => Reading;
  /** The record of a job that was given up; without it, there is none. */
  readonly readFailure?: (url: string, failure: string, status: number | null) => Row;
}

export interface Table {
  readonly columns: Readonly<Record<string, "TEXT" | "INTEGER" | "REAL">>;
  /** The columns that tell one record from another. */
  readonly key: readonly string[];
}

/** An answer arrived, but it is not what it should be, perhaps because it is not whole. */
export class UnreadableError extends Error {}
