import { writeFileSync } from "node:fs";
import { fromPromise } from "tsyncio";
import { CrawlStoreError } from "../errors.ts";
import { drawCharts } from "./charts.ts";
import type { CrawlReport } from "./crawl-report.ts";
import { reportPage } from "./report-page.ts";

/** Writes a report as a page of HTML, whole in itself. */
export function* writeReport(file: string, report: CrawlReport): Generator<any, void, any> {
  const charts = yield* fromPromise(drawCharts(report));
  try {
    writeFileSync(file, reportPage(report, charts));
  } catch (error) {
    throw new CrawlStoreError(`Cannot write report ${file}: ${(error as Error).message}`, { cause: error });
  }
}
