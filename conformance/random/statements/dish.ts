import type { Node, Setting } from "../program-tree.ts";
import type { Scope, Writer } from "../writer.ts";

/** Makes a statement for a place; undefined where it does not fit. */
export type Make = (writer: Writer, scope: Scope) => Node | undefined;

/** A kind of statement, and how often it is chosen. */
export interface Dish {
  readonly weight: number;
  /** It cannot stand in a callback. */
  readonly waits: boolean;
  /** There are statements in it. */
  readonly nests: boolean;
  readonly make: Make;
}

/** A statement that never waits. */
export function sync(weight: number, make: Make): Dish {
  return { weight, waits: false, nests: false, make };
}

/** A statement that may wait. */
export function waiting(weight: number, make: Make): Dish {
  return { weight, waits: true, nests: false, make };
}

/** A statement with statements inside. */
export function nesting(weight: number, make: Make): Dish {
  return { weight, waits: true, nests: true, make };
}

/** An operation by its name, with the same settings everywhere or with settings of its own. */
export function one(op: string, settings?: (writer: Writer) => Record<string, Setting>): Make {
  return (writer, scope) => ({ op, label: writer.label(scope), ...(settings && { with: settings(writer) }) });
}

/** Awaits something. */
export function awaiting(make: Make | string): Make {
  return (writer, scope) => {
    const of = typeof make === "string" ? { op: make } : make(writer, scope);
    return of && { op: "await", label: writer.label(scope), parts: { of: [of] } };
  };
}

/** A statement that may well fail: most often in a `try`. */
export function risky(make: Make): Make {
  return (writer, scope) => {
    const node = make(writer, scope);
    if (node === undefined || writer.random.chance(0.25)) return node;
    const parts = { body: [node], handler: [] };
    return { op: "try.errors", label: writer.label(scope), with: { then: "go on" }, parts };
  };
}

/** A statement about one of what is declared in a table. */
export function about(
  table: string,
  ops: readonly string[],
  settings?: (writer: Writer) => Record<string, Setting>,
): Make {
  return (writer, scope) => {
    const name = writer.any(table);
    if (name === undefined) return undefined;
    const node = { op: writer.random.pick(ops), label: writer.label(scope) };
    return writer.when(scope, `${table} ${name}`, { ...node, with: { ...settings?.(writer), [table]: name } });
  };
}
