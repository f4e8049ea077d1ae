import type { Node } from "../program-tree.ts";
import type { Scope, Writer } from "../writer.ts";
import { type Dish, about, nesting, risky, sync } from "./dish.ts";
import { spawned } from "./tasks.ts";

export const TIMEOUT: readonly Dish[] = [
  nesting(6, limited),
  sync(1.5, risky(about("limit", ["limit.reschedule"], (w) => ({ delay: w.random.pick([-10, 0, 10, 30]) })))),
  sync(0.7, risky(about("limit", ["limit.lift"]))),
  sync(0.6, about("limit", ["limit.expired", "limit.unlimited"])),
];

export const GROUP: readonly Dish[] = [nesting(6, group), sync(1, joinGroup)];

/** The inside of a scope, which is a function of its own in TypeScript. */
function scopeInside(scope: Scope, name: string): Scope {
  const certain = new Set([...scope.certain, name]);
  return { ...scope, depth: scope.depth + 1, returns: false, loops: false, certain };
}

function limited(writer: Writer, scope: Scope): Node {
  const label = writer.label(scope);
  writer.declared.push(`limit ${label}`);
  const body = writer.body(scopeInside(scope, `limit ${label}`), 1, 3);
  return writer.random.chance(0.8)
    ? { op: "timeout", label, with: { delay: writer.limit() }, parts: { body } }
    : { op: "timeout.at", label, with: { delay: writer.random.pick([-10, 0, 10, 20, 40]) }, parts: { body } };
}

function group(writer: Writer, scope: Scope): Node {
  const label = writer.label(scope);
  writer.declared.push(`group ${label}`);
  const inner = scopeInside(scope, `group ${label}`);
  const body: Node[] = [];
  for (let count = writer.random.between(1, 3); count > 0; count--) {
    const node = spawnInGroup(writer, inner, label);
    if (node !== undefined) body.push(node);
    if (writer.random.chance(0.4)) body.push(...writer.body(inner, 1, 2));
  }
  return { op: "group", label, parts: { body } };
}

function spawnInGroup(writer: Writer, scope: Scope, name: string): Node | undefined {
  const letter = writer.letter(scope.depth);
  if (letter === undefined) return undefined;
  const of = [spawned(writer, scope, letter)];
  writer.declare(scope, `task ${letter.name}`);
  return { op: "group.spawn", label: writer.label(scope), with: { task: letter.name, group: name }, parts: { of } };
}

/** A task that somebody else makes in a group, which may be over. */
function joinGroup(writer: Writer, scope: Scope): Node | undefined {
  const name = writer.any("group");
  if (name === undefined) return undefined;
  const node = spawnInGroup(writer, { ...scope, certain: new Set(scope.certain) }, name);
  return node && writer.when(scope, `group ${name}`, risky(() => node)(writer, scope)!);
}
