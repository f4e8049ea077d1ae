import { workloads } from "./workloads.mjs";

const shown = (ratio) => (ratio < 10 ? ratio.toFixed(2) : ratio < 100 ? ratio.toFixed(1) : ratio.toFixed(0));
const inItsUnit = {
  ns: (figure) => `${figure.toFixed(0)} ns`,
  bytes: (figure) => `${figure.toFixed(0)} B`,
  ratio: shown,
};

/** A ratio to native promises; of a workload that gives a ratio by itself, that. */
const compared = (figures, name) => shown(figures.unit === "ratio" ? figures.of(name) : figures.ratio(name));

/** What is judged, and shown: a ratio to native promises; bytes as they are. */
const judged = (figures, name) =>
  figures.unit === "ns" ? compared(figures, name) : inItsUnit[figures.unit](figures.of(name));

/** How many of the targets one of ours meets. */
export class Verdict {
  met = 0;
  all = 0;

  constructor(name, targetOf) {
    this.name = name;
    this.targetOf = targetOf;
  }

  columns(title) {
    const { name, targetOf } = this;
    const judge = (figures) => {
      const figure = judged(figures, name);
      const met = Number.parseFloat(figure) <= targetOf(workloads[figures.workload]);
      this.met += met ? 1 : 0;
      this.all++;
      return `${figure} ${met ? "✓" : "✗"}`;
    };
    return [
      { title, cell: (figures) => (figures.has(name) ? judge(figures) : "") },
      { title: "target", cell: ({ workload }) => String(targetOf(workloads[workload])) },
    ];
  }
}

export const workloadColumn = { title: "workload", cell: ({ workload }) => `\`${workload}\`` };
export const nativeColumn = { title: "native", cell: (figures) => inItsUnit[figures.unit](figures.of("native")) };

/** What tsyncio takes of the CPU of all threads, against native promises. */
export const allThreadsColumn = {
  title: "all threads",
  cell: (figures) =>
    figures.unit === "ns" && figures.has("tsyncio") ? shown(figures.ratio("tsyncio", "process")) : "",
};

export const peerColumn = (name) => ({
  title: name,
  cell: (figures) => (figures.has(name) ? compared(figures, name) : ""),
});

/** Peers that have a few of the workloads share a column. */
export const sharedColumn = (names) => ({
  title: "others",
  cell: (figures) =>
    names
      .filter((name) => figures.has(name))
      .map((name) => `${name} ${compared(figures, name)}`)
      .join(", "),
});
