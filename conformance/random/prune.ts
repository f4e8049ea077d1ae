import { type Node, type Program, nodesOf } from "./program-tree.ts";

/** Which operations put a name into which table: `tasks.b`, `handles.a2`. The rest of those who say the name refer to it. */
const DECLARES: Readonly<Record<string, string>> = {
  main: "task",
  "future.new": "future",
  "future.keep": "future",
  spawn: "task",
  "spawn.in": "task",
  "group.spawn": "task",
  "call.soon": "handle",
  "call.soon.in": "handle",
  "call.later": "handle",
  "call.at": "handle",
  timeout: "limit",
  "timeout.at": "limit",
  group: "group",
  "context.copy": "context",
  "note.set.token": "token",
  "stream.open": "stream",
};

const TABLES = ["task", "future", "handle", "limit", "group", "context", "token", "stream"];

/** What a node declares, as `task b`; undefined when it declares nothing. */
function declared(node: Node): string | undefined {
  const table = DECLARES[node.op];
  if (table === undefined) return undefined;
  return `${table} ${node.with?.[table] ?? node.label}`;
}

function* references(node: Node): Generator<string, void, undefined> {
  const settings = node.with ?? {};
  for (const table of TABLES) {
    const name = settings[table];
    if (name !== undefined && `${table} ${name}` !== declared(node)) yield `${table} ${name}`;
  }
  if (settings.table !== undefined) yield `${String(settings.table).slice(0, -1)} ${settings.name}`;
  if (settings.fn !== undefined) yield `fn ${settings.fn}`;
}

const FUTURES = new Set([
  "created",
  "ensured",
  "task",
  "future",
  "park",
  "gather",
  "gather.keep",
  "completed.all",
  "shield",
]);

/** Whether it is a future or a task, and no coroutine. */
export function isFutureOp({ op }: Node): boolean {
  return FUTURES.has(op);
}

/** Whether nothing is missing, and what is awaited is what the operation takes. */
function isWhole({ op, parts }: Node): boolean {
  const { of, test, body } = parts ?? {};
  if (of?.length === 0 || test?.length === 0 || (op === "have" && body!.length === 0)) return false;
  if (op === "wait" || op === "wait.timeout" || op === "future.keep") return of!.every(isFutureOp);
  return !["created", "spawn", "spawn.in", "group.spawn"].includes(op) || !of!.some(isFutureOp);
}

/** What may stand at a place. */
interface Place {
  readonly loops: boolean;
  readonly returns: boolean;
}

const LOOPS = new Set(["for", "stream", "stream.hand", "countdown", "completed.plain", "completed.async"]);
/** In TypeScript their body is a function of its own. */
const FUNCTIONS = new Set(["timeout", "timeout.at", "group"]);

function inside(op: string, place: Place): Place {
  if (FUNCTIONS.has(op)) return { loops: false, returns: false };
  return LOOPS.has(op) ? { ...place, loops: true } : place;
}

/**
 * The program without what refers to something that is not there or cannot stand where it does, and without functions
 * that nobody calls.
 */
export function pruned(program: Program): Program {
  for (;;) {
    const there = new Set<string>();
    const called = new Set(["main"]);
    for (const { name, kind, body } of program.functions) {
      if (kind !== "generator" || body.some(({ op }) => op === "yield")) there.add(`fn ${name}`);
    }
    for (const node of nodesOf(program)) {
      const name = declared(node);
      if (name !== undefined) there.add(name);
      if (node.with?.fn !== undefined) called.add(String(node.with.fn));
    }
    let dropped = false;
    const stands = (node: Node, { loops, returns }: Place): boolean =>
      (loops || node.op !== "break") &&
      (returns || node.op !== "return") &&
      isWhole(node) &&
      [...references(node)].every((name) => there.has(name));
    const keep = (nodes: readonly Node[], place: Place): Node[] => {
      const kept: Node[] = [];
      for (const node of nodes) {
        const parts = Object.entries(node.parts ?? {}).map(
          ([name, part]) => [name, keep(part, inside(node.op, place))] as const,
        );
        const whole = parts.length === 0 ? node : { ...node, parts: Object.fromEntries(parts) };
        if (stands(whole, place)) kept.push(whole);
        else dropped = true;
      }
      return kept;
    };
    const functions = program.functions
      .filter(({ name }) => called.has(name))
      .map((fn) => ({ ...fn, body: keep(fn.body, { loops: false, returns: fn.kind === "coroutine" }) }));
    if (functions.length < program.functions.length) dropped = true;
    program = { ...program, functions };
    if (!dropped) return program;
  }
}
