import { workloads } from "./workloads.mjs";

const middle = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

/** The later half of the runs counts: it takes some until everything is optimised. */
async function figure(peer, workload) {
  const { [workload]: runs } = await peer.measure("full", [workload]);
  const later = runs.slice(runs.length >> 1);
  return { thread: middle(later.map(({ thread }) => thread)), process: middle(later.map(({ process }) => process)) };
}

/** What the peers take for one workload, round by round. */
export class Figures {
  #rounds = new Map();

  constructor(workload) {
    this.workload = workload;
    this.unit = workloads[workload].unit ?? "ns";
  }

  add(name, figure) {
    if (this.has(name)) this.#rounds.get(name).push(figure);
    else this.#rounds.set(name, [figure]);
  }

  drop(name) {
    this.#rounds.delete(name);
  }

  has(name) {
    return this.#rounds.has(name);
  }

  /** The median, in the unit of the workload. */
  of(name) {
    return middle(this.#rounds.get(name).map(({ thread }) => thread));
  }

  /** The median of what the rounds say it takes of what native promises take; `cpu` is "thread" or "process". */
  ratio(name, cpu = "thread") {
    const native = this.#rounds.get("native");
    return middle(this.#rounds.get(name).map((figure, round) => figure[cpu] / native[round][cpu]));
  }
}

/** Why a process gave no figures: it was ended, or said so. */
function reason({ killed, stderr = "", message }) {
  if (killed) return "it takes too long";
  return /\w*Error: .*/.exec(stderr)?.[0] ?? message;
}

/** Measures one workload by all of the peers that have it, in turn. Without the figures of one that fails, which `failed` is told. */
export async function measure(workload, peers, rounds, failed) {
  const figures = new Figures(workload);
  let able = peers.filter(({ workloads }) => workloads.includes(workload));
  for (let round = 0; round < rounds; round++) {
    for (const peer of able) {
      try {
        figures.add(peer.name, await figure(peer, workload));
      } catch (error) {
        if (peer.name === "native") throw error;
        able = able.filter((other) => other !== peer);
        figures.drop(peer.name);
        failed(`${peer.name} has no figure of ${workload}: ${reason(error)}`);
      }
    }
  }
  return figures;
}
