import { awaitable, call, coroutine } from "../awaitables.ts";
import { ENDS, type Node } from "../program-tree.ts";
import type { Scope, Writer } from "../writer.ts";
import { type Dish, about, awaiting, nesting, one, risky, sync, waiting } from "./dish.ts";

/** What every program may have: tasks, sleeps, cancellations, control flow. */
export const TASKS: readonly Dish[] = [
  waiting(
    5,
    awaiting((w) => ({ op: "sleep", with: { delay: w.delay() } })),
  ),
  sync(1, one("say")),
  waiting(2, awaiting(call)),
  waiting(2, awaiting(awaitable)),
  sync(3, spawn),
  waiting(3, awaitTask),
  sync(2.5, cancel),
  sync(2.5, (w, scope) => (w.crowd ? cancel(w, scope) : undefined)),
  waiting(0.4, one("self.cancel")),
  waiting(1, one("self.uncancel")),
  sync(1, about("task", ["task.done", "task.cancelled", "task.cancelling", "task.uncancel"])),
  sync(0.2, taskName),
  sync(0.7, risky(outcome)),
  nesting(6, attempt),
  nesting(0.8, loop),
  nesting(0.8, branch),
  sync(0.5, one("raise")),
  waiting(0.3, (w, scope) => (scope.returns ? one("return")(w, scope) : undefined)),
  sync(0.3, (_, scope) => (scope.loops ? { op: "break" } : undefined)),
  waiting(0.3, awaiting("park")),
  // Not in what runs while the run ends: CPython closes generators there that nobody has collected yet.
  sync(0.4, (w, scope) => (scope.returns ? one("all_tasks")(w, scope) : undefined)),
  waiting(0.4, (w, scope) => {
    const of = call(w, scope);
    return of && { op: "twice", label: w.label(scope), parts: { of: [of] } };
  }),
];

function spawn(writer: Writer, scope: Scope): Node | undefined {
  const letter = writer.letter(scope.depth);
  if (letter === undefined) return undefined;
  // A context that runs cannot be entered by a task that starts at once.
  const context = writer.topics.has("eager") ? undefined : writer.sure(scope, "context");
  const of = [spawned(writer, scope, letter)];
  writer.declare(scope, `task ${letter.name}`);
  const settings = { task: letter.name, ...(context !== undefined && { context }) };
  const op = context === undefined ? "spawn" : "spawn.in";
  return { op, label: writer.label(scope), with: settings, parts: { of } };
}

/** The coroutine of a task, most often of a function of the same name. */
export function spawned(writer: Writer, scope: Scope, letter: { name: string; number: number }): Node {
  const inner = writer.scopeOf(letter, "coroutine", scope);
  if (!writer.random.chance(0.85)) return coroutine(writer, inner);
  writer.functions.push({ name: letter.name, kind: "coroutine", body: writer.function(inner, 1, 4) });
  return { op: "call", with: { fn: letter.name } };
}

function awaitTask(writer: Writer, scope: Scope): Node | undefined {
  const task = writer.awaitable(scope, "any");
  if (task === undefined) return undefined;
  const of = [{ op: "task", with: { task } }];
  return writer.when(scope, `task ${task}`, { op: "await", label: writer.label(scope), parts: { of } });
}

function cancel(writer: Writer, scope: Scope): Node | undefined {
  const task = writer.any("task", (each) => each !== "main" || writer.random.chance(0.1));
  if (task === undefined) return undefined;
  const label = writer.label(scope);
  const node: Node = writer.topics.has("message")
    ? { op: "task.cancel.text", label, with: { task, text: label } }
    : { op: "task.cancel", label, with: { task } };
  return writer.when(scope, `task ${task}`, node);
}

/** 3.13.0 names a task that starts at once only when its first step is over. */
function taskName(writer: Writer, scope: Scope): Node | undefined {
  const task = writer.any("task", (each) => each !== "main" && !writer.topics.has("eager"));
  if (task === undefined) return undefined;
  return writer.when(scope, `task ${task}`, { op: "task.get_name", label: writer.label(scope), with: { task } });
}

function outcome(writer: Writer, scope: Scope): Node | undefined {
  const task = writer.awaitable(scope, "any");
  if (task === undefined) return undefined;
  const op = writer.random.pick(["task.result", "task.exception"]);
  return writer.when(scope, `task ${task}`, { op, label: writer.label(scope), with: { task } });
}

const ATTEMPTS = [
  "cancelled",
  "cancelled",
  "cancelled",
  "errors",
  "errors",
  "timeout",
  "oops",
  "all",
  "finally",
  "finally",
  "group",
];

function attempt(writer: Writer, scope: Scope): Node {
  const { random } = writer;
  const op = random.pick(ATTEMPTS);
  const label = writer.label(scope);
  const body = writer.inside(scope, 1, 3);
  if ((op === "oops" || op === "group") && !ENDS.has(body.at(-1)!.op) && random.chance(0.5))
    body.push({ op: "raise", label: writer.label(scope) });
  if (op === "group") return { op: "try.group", label, parts: { body } };
  const handler = random.chance(0.3) ? writer.inside(scope, 1, 2) : [];
  if (op === "finally") return { op: "try.finally", label, parts: { body, handler } };
  const then = random.pick(["raise", "raise", "go on", "go on", "replace"]);
  return { op: `try.${op}`, label, with: { then }, parts: { body, handler } };
}

function loop(writer: Writer, scope: Scope): Node {
  const label = writer.label(scope);
  const body = writer.looped(scope, 1, 2);
  return { op: "for", label, with: { n: writer.random.between(2, 3) }, parts: { body } };
}

function branch(writer: Writer, scope: Scope): Node | undefined {
  const test = condition(writer, scope);
  if (test === undefined) return undefined;
  return { op: "if", label: writer.label(scope), parts: { test: [test], body: writer.inside(scope, 1, 2) } };
}

const TESTS = [
  ["event", "event.is_set"],
  ["lock", "lock.locked"],
  ["semaphore", "sem.locked"],
  ["condition", "cond.locked"],
  ["queue", "queue.empty"],
] as const;

/** Something that is true or not; undefined in a callback of a program without any such thing. */
export function condition(writer: Writer, scope: Scope): Node | undefined {
  const tests: Node[] = TESTS.flatMap(([topic, op]) => (writer.topics.has(topic) ? [{ op }] : []));
  const task = writer.sure(scope, "task");
  if (task !== undefined) tests.push({ op: "task.done", with: { task } });
  if (scope.waits) tests.push({ op: "self.cancelling" });
  return tests.length === 0 ? undefined : writer.random.pick(tests);
}
