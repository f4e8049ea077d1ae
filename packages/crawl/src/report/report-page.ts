import type { Charts } from "./charts.ts";
import type { CrawlReport } from "./crawl-report.ts";

const STYLE = `
  :root { color-scheme: light dark; --ground: #fff; --text: #1f2328; --faint: #59636e; --line: #d1d9e0; --good: #0969da; --bad: #cf222e }
  @media (prefers-color-scheme: dark) { :root { --ground: #0d1117; --text: #e6edf3; --faint: #9198a1; --line: #3d444d; --good: #58a6ff; --bad: #ff7b72 } }
  body { background: var(--ground); color: var(--text); font: 15px/1.5 system-ui, sans-serif; max-width: 900px; margin: 2rem auto; padding: 0 1rem }
  h1 { font-size: 1.5rem } h2 { font-size: 1.1rem; margin-top: 2rem }
  .figures { display: flex; flex-wrap: wrap; gap: 1rem 2rem; padding: 0; list-style: none }
  .figures b { display: block; font-size: 1.4rem }
  table { border-collapse: collapse; width: 100% } td, th { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; vertical-align: top }
  td.n, th.n { text-align: right; white-space: nowrap } th, .faint { color: var(--faint); font-weight: normal }
  svg { max-width: 100%; height: auto; background: none !important; color: var(--text) } svg text { fill: currentColor }`;

const ENDS: Readonly<Record<CrawlReport["ended"], string>> = {
  complete: "Everything in scope has been crawled.",
  maxPages: "It ended at the number of pages that it was given; the rest waits in its store.",
  stopped: "It was stopped; the rest waits in its store.",
};

/** The page of a report. */
export function reportPage(report: CrawlReport, charts: Charts): string {
  const { pages } = report;
  const seconds = report.elapsed / 1000;
  const figures: [name: string, value: string][] = [
    ["pages", numeral(pages.done)],
    ["items", numeral(report.items)],
    ["redirects", numeral(pages.redirected)],
    ["skipped", numeral(pages.skipped)],
    ["failed", numeral(pages.failed)],
    ["waiting", numeral(pages.waiting)],
    ["MiB", (report.bytes / 2 ** 20).toFixed(1)],
    ["seconds", seconds.toFixed(1)],
  ];
  const sections = [
    picture("Pages over time", charts.timeline),
    picture("Pages by host", charts.hosts),
    picture("Answers by status", charts.statuses),
    picture("Slowest pages", charts.slowest),
    table(
      "Taken for traps",
      ["pattern", "why", "left out"],
      report.cuts.map(({ pattern, reason, leftOut }) => [pattern, reason, leftOut]),
    ),
    table(
      "Not fetched, or not read",
      ["why", "example", "addresses"],
      report.problems.map(({ state, reason, example, count }) => [`${state}: ${reason}`, example, count]),
    ),
    table(
      "Not followed",
      ["why", "example", "addresses"],
      report.leftOut.map(({ reason, example, count }) => [reason, example, count]),
    ),
    table(
      "Hosts",
      ["host", "pages", "failed", "KiB", "median ms"],
      report.hosts.map(({ origin, pages: count, failed, bytes, medianElapsed }) => [
        origin,
        count,
        failed,
        Math.round(bytes / 1024),
        Math.round(medianElapsed),
      ]),
    ),
  ];
  const list = figures.map(([name, value]) => `<li><b>${value}</b>${name}</li>`).join("");
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Crawl report</title><style>${STYLE}</style></head>
<body><h1>Crawl report</h1><p>${ENDS[report.ended]}</p><ul class="figures">${list}</ul>
${sections.join("\n")}
</body></html>
`;
}

function picture(title: string, svg: string | null): string {
  return svg === null ? "" : `<h2>${title}</h2>\n${svg}`;
}

type Cell = string | number;

function table(title: string, names: readonly string[], rows: readonly Cell[][]): string {
  if (rows.length === 0) return "";
  const numbers = rows[0]!.map((cell) => typeof cell === "number");
  const kind = (i: number): string => (numbers[i] ? ' class="n"' : "");
  const head = names.map((name, i) => `<th${kind(i)}>${name}</th>`).join("");
  const body = rows
    .map((row) => `<tr>${row.map((cell, i) => `<td${kind(i)}>${shown(cell)}</td>`).join("")}</tr>`)
    .join("\n");
  return `<h2>${title}</h2>\n<table><tr>${head}</tr>\n${body}</table>`;
}

const shown = (cell: Cell): string => (typeof cell === "number" ? numeral(cell) : escaped(cell));
const numeral = (value: number): string => value.toLocaleString("en");

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => ESCAPES[character]!);
