import type { CrawlReport } from "./crawl-report.ts";

/** The pictures of a report, as SVG; null for one that has nothing to show. */
export interface Charts {
  readonly timeline: string | null;
  readonly hosts: string | null;
  readonly statuses: string | null;
  readonly slowest: string | null;
}

const WIDTH = 860;
const BAR = 24;
const MAX_BARS = 20;

/** Draws them. The library for it is loaded now: it takes its time, and few runs need it. */
export async function drawCharts(report: CrawlReport): Promise<Charts> {
  const [Plot, { parseHTML }] = await Promise.all([import("@observablehq/plot"), import("linkedom")]);
  const { document } = parseHTML("<html><body></body></html>");
  const plot = (options: Parameters<typeof Plot.plot>[0]): string =>
    Plot.plot({ document: document as never, width: WIDTH, marginLeft: 60, ...options }).outerHTML;
  const bars = (rows: readonly { name: string; value: number; kind: string }[], label: string): string | null => {
    if (rows.length === 0) return null;
    const shown = rows.slice(0, MAX_BARS);
    return plot({
      height: shown.length * BAR + 50,
      marginLeft: 320,
      marginRight: 70,
      x: { label, grid: true },
      y: { label: null, domain: shown.map(({ name }) => name), tickFormat: shortened },
      marks: [
        Plot.barX(shown, {
          x: "value",
          y: "name",
          fill: (row: { kind: string }) => `var(--${row.kind})`,
          title: "name",
        }),
        Plot.text(shown, {
          x: "value",
          y: "name",
          text: ({ value }: { value: number }) => numeral(value),
          dx: 4,
          textAnchor: "start",
        }),
      ],
    });
  };
  const began = report.timeline[0]?.at ?? 0;
  const slices = report.timeline.flatMap(({ at, pages, failed }) => {
    const second = (at - began) / 1000;
    const per = 1000 / report.slice;
    return [
      { second, rate: pages * per, kind: "good" },
      { second, rate: failed * per, kind: "bad" },
    ];
  });
  const timeline = plot({
    height: 220,
    x: { label: "seconds →" },
    y: { label: "↑ pages per second", grid: true },
    marks: [
      Plot.rectY(slices, {
        x1: "second",
        x2: ({ second }: { second: number }) => second + report.slice / 1000,
        y: "rate",
        fill: ({ kind }: { kind: string }) => `var(--${kind})`,
        inset: 0.5,
      }),
      Plot.ruleY([0]),
    ],
  });
  return {
    timeline: slices.length === 0 ? null : timeline,
    hosts: bars(
      report.hosts.map(({ origin, pages }) => ({ name: origin, value: pages, kind: "good" })),
      "pages →",
    ),
    statuses: bars(
      Object.entries(report.statuses).map(([name, value]) => ({
        name,
        value,
        kind: Number(name) < 400 ? "good" : "bad",
      })),
      "answers →",
    ),
    slowest: bars(
      report.slowest.map(({ url, elapsed }) => ({ name: url, value: elapsed, kind: "good" })),
      "milliseconds →",
    ),
  };
}

/** The end of an address says more than its middle. */
function shortened(name: string): string {
  return name.length <= 48 ? name : `${name.slice(0, 16)}…${name.slice(-31)}`;
}

const numeral = (value: number): string => Math.round(value).toLocaleString("en");
