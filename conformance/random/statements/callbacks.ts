import type { Node } from "../program-tree.ts";
import type { Scope, Writer } from "../writer.ts";
import { type Dish, about, nesting, one, risky, sync, waiting } from "./dish.ts";

export const CALLBACK: readonly Dish[] = [
  sync(3, scheduled),
  sync(1, about("handle", ["handle.cancel", "handle.cancelled"])),
  sync(1.5, doneCallback),
  sync(0.7, removeCallback),
];

export const CONTEXT: readonly Dish[] = [
  sync(2, (w, scope) => {
    const label = w.label(scope);
    return { op: "note.set", label, with: { text: label } };
  }),
  sync(1, one("note.get")),
  sync(1, declaring("token", "note.set.token")),
  sync(
    1,
    risky((w, scope) => {
      const token = w.sure(scope, "token");
      return token === undefined ? undefined : { op: "note.reset", label: w.label(scope), with: { token } };
    }),
  ),
  sync(1, declaring("context", "context.copy")),
  sync(1, runInContext),
];

export const STREAM: readonly Dish[] = [
  nesting(4, streaming),
  sync(1, openStream),
  waiting(2, risky(about("stream", ["stream.next", "stream.next", "stream.close"]))),
  nesting(1, (w, scope) => {
    const label = w.label(scope);
    return { op: "countdown", label, with: { n: w.random.between(1, 3) }, parts: { body: w.looped(scope, 0, 1) } };
  }),
];

/** A statement that puts something into a table. */
function declaring(table: string, op: string): Dish["make"] {
  return (writer, scope) => {
    const label = writer.label(scope);
    writer.declare(scope, `${table} ${label}`);
    return { op, label };
  };
}

function scheduled(writer: Writer, scope: Scope): Node {
  const label = writer.label(scope);
  writer.callback(label, scope);
  writer.declare(scope, `handle ${label}`);
  const context = writer.sure(scope, "context");
  if (context !== undefined && writer.random.chance(0.5))
    return { op: "call.soon.in", label, with: { fn: label, context } };
  const op = writer.random.pick(["call.soon", "call.later", "call.at"]);
  if (op === "call.soon") return { op, label, with: { fn: label } };
  return { op, label, with: { fn: label, delay: writer.random.pick([0, -10, 10, 20, 30, 40]) } };
}

function doneCallback(writer: Writer, scope: Scope): Node | undefined {
  const table = writer.random.pick(["task", "future"]);
  const name = writer.sure(scope, table);
  if (name === undefined) return undefined;
  const label = writer.label(scope);
  writer.callback(label, scope, "done callback");
  writer.declared.push(`callback ${table} ${name} ${label}`);
  const context = writer.sure(scope, "context");
  const op = `${table}.add_done_callback`;
  if (context === undefined) return { op, label, with: { fn: label, [table]: name } };
  return { op: `${op}.in`, label, with: { fn: label, [table]: name, context } };
}

function removeCallback(writer: Writer, scope: Scope): Node | undefined {
  const [table, name, fn] = writer.any("callback")?.split(" ") ?? [];
  if (table === undefined) return undefined;
  const settings = { fn: fn!, [table]: name! };
  const node = { op: `${table}.remove_done_callback`, label: writer.label(scope), with: settings };
  return writer.when(scope, `${table} ${name}`, node);
}

function runInContext(writer: Writer, scope: Scope): Node | undefined {
  const context = writer.any("context");
  if (context === undefined) return undefined;
  const label = writer.label(scope);
  writer.callback(label, scope);
  const node = { op: "context.run", label, with: { context, fn: label } };
  return writer.when(scope, `context ${context}`, risky(() => node)(writer, scope)!);
}

function streaming(writer: Writer, scope: Scope): Node | undefined {
  const fn = writer.generator(scope);
  if (fn === undefined) return undefined;
  const settings = { fn, ...(writer.random.chance(0.4) && { last: writer.random.between(1, 2) }) };
  const label = writer.label(scope);
  const body = writer.looped(scope, 0, 2);
  return { op: writer.random.pick(["stream", "stream.hand"]), label, with: settings, parts: { body } };
}

/** One is enough: those that are open when the run ends are closed in no particular order. */
function openStream(writer: Writer, scope: Scope): Node | undefined {
  if (writer.any("stream") !== undefined) return undefined;
  const fn = writer.generator(scope);
  if (fn === undefined) return undefined;
  const label = writer.label(scope);
  writer.declare(scope, `stream ${label}`);
  return { op: "stream.open", label, with: { fn } };
}
