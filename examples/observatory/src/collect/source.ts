import type { Page } from "@tsyncio/crawl";
import type { HttpResponse } from "@tsyncio/http";
import type { Reading, Row } from "./job.ts";

/** A kind of records, and where they go. */
export interface Source {
  /** In SQLite, its table has this name. */
  readonly name: string;
  readonly table: Table;
}

/** Records that are fetched URL by URL: each answer says where there are more. */
export interface FetchedSource extends Source {
  /**
   * Reads an answer that was accepted.
   *
   * @throws {UnreadableError} when the answer is not what it should be
   */
  readonly read: (url: string, answer: HttpResponse) => Reading;
  /** The record of a job that was given up; without it, there is none. */
  readonly readFailure?: (url: string, failure: string, status: number | null) => Row;
}

/** Records on pages that link to each other. */
export interface CrawledSource extends Source {
  /** A selector: the links that lead to more of them. */
  readonly links: string;
  /**
   * The records on a page.
   *
   * @throws {UnreadableError} when the page is not what it should be
   */
  readonly read: (page: Page) => readonly Row[];
}

export interface Table {
  readonly columns: Readonly<Record<string, "TEXT" | "INTEGER" | "REAL">>;
  /** The columns that tell one record from another. */
  readonly key: readonly string[];
}

/** An answer arrived, but it is not what it should be, perhaps because it is not whole. Another one may be. */
export class UnreadableError extends Error {
  readonly retryable = true;
}
