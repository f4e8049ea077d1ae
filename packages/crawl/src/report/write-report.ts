import type { CrawlReport } from "./crawl-report.ts";

/** Writes the page of a report. */
export function* writeReport(file: string, report: CrawlReport): Generator<any, void, any> {
  void file;
  void report;
}
