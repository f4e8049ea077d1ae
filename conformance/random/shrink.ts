import { type Fn, type Node, type Program, nodesOf } from "./program-tree.ts";
import { pruned } from "./prune.ts";

/** Which of these programs still show the difference. */
export type Judge = (programs: readonly Program[]) => Promise<readonly boolean[]>;

const MOST_ROUNDS = 60;
const MOST_AT_ONCE = 150;

/** The smallest program found by taking things away that the judge still accepts. */
export async function shrink(program: Program, judge: Judge): Promise<Program> {
  let smallest = program;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const next = await smaller(smallest, judge);
    if (next === undefined) return smallest;
    smallest = next;
  }
  return smallest;
}

/** The smallest step from here that is accepted; the boldest are tried first. */
async function smaller(program: Program, judge: Judge): Promise<Program | undefined> {
  const size = weigh(program);
  const candidates = [...edits(program)]
    .map((edited) => ({ edited, size: weigh(edited) }))
    .filter((each) => each.size < size)
    .sort((a, b) => a.size - b.size)
    .map(({ edited }) => edited);
  for (let at = 0; at < candidates.length; at += MOST_AT_ONCE) {
    const some = candidates.slice(at, at + MOST_AT_ONCE);
    const accepted = (await judge(some)).indexOf(true);
    if (accepted >= 0) return some[accepted];
  }
  return undefined;
}

/** How much there is to read. */
function weigh(program: Program): number {
  let size = (program.messages ? 1 : 0) + program.things.length * 3 + program.functions.length * 5;
  for (const node of nodesOf(program)) {
    size += 10;
    for (const value of Object.values(node.with ?? {}))
      if (typeof value === "number") size += 1 + Math.abs(value) / 100;
  }
  return size;
}

function* edits(program: Program): Generator<Program, void, undefined> {
  for (const [i, fn] of program.functions.entries()) {
    for (const body of listEdits(fn.body)) yield withFunction(program, i, { ...fn, body });
  }
  if (program.messages) yield { ...program, messages: false };
  for (const i of program.things.keys()) {
    const things = program.things.filter((_, k) => k !== i);
    if (!mentions(program, program.things[i]!.name)) yield { ...program, things };
  }
}

/** Whether an operation is about a primitive: `queue.get` is about `queue`. */
function mentions(program: Program, thing: string): boolean {
  for (const { op } of nodesOf(program)) if (op.startsWith(`${thing}.`)) return true;
  return program.things.some(({ made }) => made.endsWith(` of ${thing}`));
}

function withFunction(program: Program, at: number, fn: Fn): Program {
  return pruned({ ...program, functions: program.functions.map((each, i) => (i === at ? fn : each)) });
}

/** Shorter lists, and lists in which one node is simpler or gives way to what is in it. */
function* listEdits(nodes: readonly Node[]): Generator<Node[], void, undefined> {
  for (let length = nodes.length; length >= 1; length = length === 1 ? 0 : Math.ceil(length / 2)) {
    for (let at = 0; at < nodes.length; at += length) yield nodes.toSpliced(at, length);
  }
  for (const [at, node] of nodes.entries()) {
    for (const instead of nodeEdits(node)) yield nodes.toSpliced(at, 1, ...instead);
  }
}

/** What may stand in the place of a node. */
function* nodeEdits(node: Node): Generator<Node[], void, undefined> {
  const parts = node.parts ?? {};
  // A statement gives way to the statements inside, a combinator to what it combines.
  if (parts.body !== undefined) yield [...parts.body, ...(parts.handler ?? [])];
  if (parts.body !== undefined && parts.of !== undefined)
    for (const one of parts.of) yield [{ op: "await", label: node.label!, parts: { of: [one] } }];
  if (parts.of !== undefined && node.label === undefined) for (const one of parts.of) yield [one];
  for (const [name, part] of Object.entries(parts)) {
    if (name === "test") continue;
    for (const list of listEdits(part)) yield [{ ...node, parts: { ...parts, [name]: list } }];
  }
  for (const [name, value] of Object.entries(node.with ?? {})) {
    for (const simpler of simplerSettings(name, value)) yield [{ ...node, with: { ...node.with, [name]: simpler } }];
  }
}

function simplerSettings(name: string, value: unknown): (number | string)[] {
  if (typeof value !== "number") return [];
  return [0, 1, 10, 20].filter((each) => each < Math.abs(value) && (name === "delay" ? each !== 1 : each < 10));
}
