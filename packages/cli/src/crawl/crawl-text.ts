import type { CrawlReport, CrawlStatistics, TrapCut } from "@tsyncio/crawl";

const MAX_PROBLEMS = 8;

export const count = (value: number): string => value.toLocaleString("en");
const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;
const some = (value: number, one: string, several = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : several}`;

/** How a crawl is doing, in a line; `rate` in pages a second. */
export function progressText(statistics: CrawlStatistics, rate: number): string {
  const { done, waiting, inFlight, failed, items } = statistics;
  const parts = [
    some(done, "page"),
    `${rate.toFixed(rate < 10 ? 1 : 0)}/s`,
    `${count(waiting)} waiting`,
    `${count(inFlight)} in flight`,
  ];
  if (items > 0) parts.push(some(items, "item"));
  if (failed > 0) parts.push(`${count(failed)} failed`);
  return parts.join(", ");
}

export function cutText({ pattern, reason }: TrapCut): string {
  return `Cut as a trap: ${pattern} (${reason})`;
}

/** What has become of a crawl. */
export function reportText(report: CrawlReport, rate: number): string[] {
  const { pages } = report;
  const lines = [
    `${some(pages.done, "page")} in ${seconds(report.elapsed)} (${rate.toFixed(1)}/s), ${some(report.items, "item")}, ${(report.bytes / 2 ** 20).toFixed(1)} MiB`,
  ];
  const others = [
    pages.redirected > 0 ? some(pages.redirected, "redirect") : null,
    pages.skipped > 0 ? `${count(pages.skipped)} skipped` : null,
    pages.failed > 0 ? `${count(pages.failed)} failed` : null,
  ].filter((text) => text !== null);
  if (others.length > 0) lines.push(others.join(", "));
  for (const { state, reason, count: addresses, example } of report.problems.slice(0, MAX_PROBLEMS))
    lines.push(`  ${state}: ${reason}: ${count(addresses)}, such as ${example}`);
  for (const cut of report.cuts) lines.push(`${cutText(cut)}, ${some(cut.leftOut, "address", "addresses")} left out`);
  return lines;
}

/** Where everything is, and how to go on. */
export function whereText(report: CrawlReport, written: readonly string[], argv: readonly string[]): string[] {
  const lines = written.map((file) => `Written: ${file}`);
  if (report.store !== null) lines.push(`Stored in ${report.store}`);
  if (report.pages.waiting === 0) return lines;
  const waiting = `${some(report.pages.waiting, "address", "addresses")} wait${report.pages.waiting === 1 ? "s" : ""}`;
  if (report.store === null) return [...lines, `${waiting}; without a store they are gone`];
  const command = argv.filter((word) => word !== "--restart").map(quoted);
  return [...lines, `${waiting}. To go on: tsyncio ${command.join(" ")}`];
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
