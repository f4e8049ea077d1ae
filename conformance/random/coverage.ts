import { BLOCKS } from "./block-phrases.ts";
import { AWAITABLES, DEEDS, VALUES } from "./phrases.ts";
import type { Trace } from "./play.ts";
import { type Node, type Program, nodesOf } from "./program-tree.ts";

/** They say nothing: what is in them, or what uses them, does. */
const SILENT = new Set(["handler", "main", "future.new", "eager", "break", "have", "yield"]);

/** Counts which operations were really executed, and how much was compared. */
export class Coverage {
  programs = 0;
  lines = 0;
  readonly #lengths: number[] = [];
  readonly #executed = new Map<string, number>();

  constructor() {
    for (const op of Object.keys({ ...AWAITABLES, ...VALUES, ...DEEDS, ...BLOCKS }))
      if (!SILENT.has(op)) this.#executed.set(op, 0);
  }

  add(program: Program, trace: Trace): void {
    this.programs++;
    this.lines += trace.length;
    this.#lengths.push(trace.length);
    const said = new Map<string, number>();
    for (const line of trace) {
      const label = line.split(" ")[1] ?? "";
      said.set(label, (said.get(label) ?? 0) + 1);
    }
    for (const node of nodesOf(program)) {
      const { op, label, parts } = node;
      if (label === undefined) continue;
      const times =
        op === "raise" ? Number(trace.some((line) => line.includes(`Oops ${label} `))) : (said.get(label) ?? 0);
      for (const each of [op, ...operands(node)]) this.#count(each, times);
      // The handler of a lone statement tells that it failed.
      const [lone, ...others] = op.startsWith("try.") ? parts!.body! : [];
      if (lone !== undefined && others.length === 0) this.#count(lone.op, times);
    }
  }

  #count(op: string, times: number): void {
    const before = this.#executed.get(op);
    if (before !== undefined) this.#executed.set(op, before + times);
  }

  /** How many lines a trace has: the shortest, the quartiles, the longest. */
  get lengths(): number[] {
    const sorted = this.#lengths.toSorted((a, b) => a - b);
    return [0, 0.25, 0.5, 0.75, 1].map((part) => sorted[Math.floor(part * (sorted.length - 1))] ?? 0);
  }

  /** Each operation with how often it gave a line, the rarest first. */
  report(): string {
    const counts = [...this.#executed].sort(([, a], [, b]) => a - b);
    return counts.map(([op, count]) => `${op} ${count}`).join(", ");
  }
}

/** The awaitables and conditions of a statement. */
function operands({ parts }: Node): string[] {
  return [...(parts?.of ?? []), ...(parts?.test ?? [])].flatMap((node) => [node.op, ...operands(node)]);
}
