/** One operation of a random program: plain data, which both printers and the shrinker work on. */
export interface Node {
  /** Its phrase: see phrases.ts. */
  readonly op: string;
  /** What its lines of the trace begin with; statements have one. */
  readonly label?: string;
  /** Numbers, texts, and names of functions, tasks and the like. */
  readonly with?: Readonly<Record<string, Setting>>;
  /** Statements inside of it (`body`, `handler`), or the awaitables that it is about (`of`). */
  readonly parts?: Readonly<Record<string, readonly Node[]>>;
}

export type Setting = string | number | null;

/** A function of the program: `main`, coroutine functions, callbacks, async generators. */
export interface Fn {
  readonly name: string;
  readonly kind: "coroutine" | "callback" | "done callback" | "generator";
  readonly body: readonly Node[];
}

/** A primitive that the program shares: `lock`, `queue` and so on, with the numbers that it is made with. */
export interface Thing {
  readonly name: string;
  readonly made: string;
  readonly with?: Readonly<Record<string, Setting>>;
}

export interface Program {
  readonly title: string;
  /** Whether lines tell the messages of cancellations. asyncio forgets that of a task when it is read. */
  readonly messages: boolean;
  readonly things: readonly Thing[];
  /** `main` is the last one. */
  readonly functions: readonly Fn[];
}

/** What stands after these would never run. */
export const ENDS: ReadonlySet<string> = new Set(["raise", "return", "break"]);

/** Every node of a program. */
export function* nodesOf(program: Program): Generator<Node, void, undefined> {
  for (const { body } of program.functions) yield* nodesIn(body);
}

function* nodesIn(nodes: readonly Node[]): Generator<Node, void, undefined> {
  for (const node of nodes) {
    yield node;
    for (const part of Object.values(node.parts ?? {})) yield* nodesIn(part);
  }
}
