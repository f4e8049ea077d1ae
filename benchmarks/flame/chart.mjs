import * as Plot from "@observablehq/plot";
import { hierarchy, partition } from "d3-hierarchy";
import { parseHTML } from "linkedom";

const WIDTH = 960;
const ROW = 24;
const CHARACTER = 7;
const LEGEND_STEP = 158;
/** What is narrower is left out. */
const LEAST = 0.006;
const PLACES = {
  loop: "the loop",
  task: "tasks and futures",
  coroutine: "coroutines and waits",
  core: "the rest of tsyncio",
  workload: "the program",
  platform: "Node and V8",
};
const STYLE = `
  .flame { background: #fff; color: #1f2328; --loop: #b6e3ff; --task: #ffd8b5; --coroutine: #aceebb; --core: #eac8ff; --workload: #fae17d; --platform: #d0d7de }
  @media (prefers-color-scheme: dark) { .flame { background: #0d1117; color: #e6edf3; --loop: #0c3d6b; --task: #6e3207; --coroutine: #0e4a22; --core: #492b79; --workload: #554300; --platform: #363c44 } }
  .flame text { font-family: system-ui, sans-serif }`;

const percent = (share) => `${(share * 100).toFixed(share < 0.0995 ? 1 : 0)} %`;

/** Cut to what has room in the box. */
function labelOf({ title, share }) {
  const room = Math.floor((share * WIDTH - 8) / CHARACTER);
  const whole = `${title} ${percent(share)}`;
  if (whole.length <= room) return whole;
  return room < 4 ? "" : `${title.slice(0, room - 1)}…`;
}

const legend = (text, i, options) =>
  Plot.text([text], {
    frameAnchor: "top-left",
    lineAnchor: "middle",
    fontSize: 12,
    dx: i * LEGEND_STEP,
    dy: -22,
    ...options,
  });

/** An SVG with a box for each function that was called: as wide as its share in the time, upon that which called it. */
export function drawFlame(stacks) {
  const root = hierarchy(stacks)
    .sum(({ samples }) => samples)
    .sort((a, b) => b.value - a.value);
  const boxes = partition()(root)
    .descendants()
    .filter(({ depth, x0, x1 }) => depth > 0 && x1 - x0 >= LEAST)
    .map(({ depth, x0, x1, data }) => ({ depth, x0, x1, share: x1 - x0, title: data.title, place: data.place }));
  const height = Math.max(...boxes.map(({ depth }) => depth));
  const present = Object.keys(PLACES).filter((place) => boxes.some((box) => box.place === place));
  const { document } = parseHTML("<html><body></body></html>");
  const svg = Plot.plot({
    document,
    width: WIDTH,
    height: height * ROW + 40,
    margin: 0,
    marginTop: 40,
    className: "flame",
    x: { axis: null, domain: [0, 1] },
    y: { axis: null, domain: [1, height + 1] },
    marks: [
      ...present.flatMap((place, i) => [
        legend("■", i, { fill: `var(--${place})`, fontSize: 18 }),
        legend(PLACES[place], i, { dx: 20 + i * LEGEND_STEP }),
      ]),
      Plot.rect(boxes, {
        x1: "x0",
        x2: "x1",
        y1: "depth",
        y2: ({ depth }) => depth + 1,
        fill: ({ place }) => `var(--${place})`,
        inset: 0.5,
        rx: 2,
        title: ({ title, share }) => `${title} ${percent(share)}`,
      }),
      Plot.text(boxes, {
        x: "x0",
        y: ({ depth }) => depth + 0.5,
        text: labelOf,
        textAnchor: "start",
        dx: 5,
        fontSize: 11.5,
      }),
    ],
  });
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  svg.querySelector("style").textContent += STYLE;
  return `${svg.outerHTML}\n`;
}
