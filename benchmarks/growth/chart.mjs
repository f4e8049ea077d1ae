import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

const COLUMNS = 3;
const LEGEND = {
  usual: "as it is",
  roomy: "nothing collected, without the system's share",
  bar: "what counts as flat",
};
/** What counts as flat. */
const BAR = 1.5;
const STYLE = `
  .growth { background: #fff; color: #1f2328; --usual: #0969da; --roomy: #bc4c00; --bar: #cf222e }
  @media (prefers-color-scheme: dark) { .growth { background: #0d1117; color: #e6edf3; --usual: #58a6ff; --roomy: #f0883e; --bar: #ff7b72 } }
  .growth text { font-family: system-ui, sans-serif }`;

/** An SVG with a panel for each title: the cost of one operation beside the cost at the smallest size. Each line is `{ title, heap, sizes, figures }`. */
export function drawGrowth(lines) {
  const titles = [...new Set(lines.map(({ title }) => title))];
  const place = (title) => ({
    fx: titles.indexOf(title) % COLUMNS,
    fy: Math.floor(titles.indexOf(title) / COLUMNS),
  });
  const points = lines.flatMap(({ title, heap, sizes, figures }) =>
    sizes.map((size, i) => ({ ...place(title), heap, size, ratio: figures[i] / figures[0] })),
  );
  const labels = titles.map((title) => {
    const { figures } = lines.find((line) => line.title === title && line.heap === "usual");
    return { ...place(title), text: `${title}: ${figures[0].toFixed(0)} ns` };
  });
  const legend = Object.entries(LEGEND).map(([name, text], i) =>
    Plot.text([`${name === "bar" ? "┄" : "●"} ${text}`], {
      facet: "super",
      frameAnchor: "top-left",
      fill: `var(--${name})`,
      dx: [150, 240, 560][i],
      dy: -36,
      fontSize: 12,
    }),
  );
  const of = (heap) => points.filter((point) => point.heap === heap);
  const line = (heap) => [
    Plot.line(of(heap), { fx: "fx", fy: "fy", x: "size", y: "ratio", stroke: `var(--${heap})`, strokeWidth: 2 }),
    Plot.dot(of(heap), { fx: "fx", fy: "fy", x: "size", y: "ratio", fill: `var(--${heap})`, r: 2.5 }),
  ];
  const { document } = parseHTML("<html><body></body></html>");
  const svg = Plot.plot({
    document,
    width: 960,
    height: 60 + 150 * Math.ceil(titles.length / COLUMNS),
    marginTop: 40,
    marginLeft: 40,
    marginRight: 16,
    className: "growth",
    x: { type: "log", label: "how many at once →", tickFormat: "~s", ticks: 4 },
    y: {
      label: "↑ cost of one, × that at 1,000",
      domain: [0, Math.max(3, ...points.map(({ ratio }) => ratio))],
      ticks: 4,
    },
    fx: { axis: null, padding: 0.12 },
    fy: { axis: null, padding: 0.28 },
    marks: [
      ...legend,
      Plot.ruleY([0], { strokeOpacity: 0.4 }),
      Plot.ruleY([BAR], { stroke: "var(--bar)", strokeDasharray: "4 3" }),
      ...line("roomy"),
      ...line("usual"),
      Plot.text(labels, {
        fx: "fx",
        fy: "fy",
        text: "text",
        frameAnchor: "top-left",
        dy: -16,
        fontWeight: 600,
        fontSize: 12,
      }),
    ],
  });
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  svg.querySelector("style").textContent += STYLE;
  return `${svg.outerHTML}\n`;
}
