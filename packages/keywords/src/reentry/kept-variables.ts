import type { Function, Node, VariableDeclaration } from "oxc-parser";
import { bindings } from "../syntax/bindings.ts";
import type { AnyFunction } from "../frame.ts";
import type { Uses } from "./uses.ts";

/** A frame has room for so many; the last one is an array when there are more. */
export const SLOTS = 4;

/** Stands among the variables for `this`. */
export const THIS = "this";

/** The same values for these slots. */
export function inSlots(values: readonly string[]): readonly string[] {
  if (values.length <= SLOTS) return values;
  return [...values.slice(0, SLOTS - 1), `[${values.slice(SLOTS - 1).join(",")}]`];
}

/** A declaration whose variables become variables of the whole function. */
export interface Hoisted {
  readonly declaration: VariableDeclaration;
  /** Where its variables can be seen. */
  readonly scope: Node;
  readonly inLoop: boolean;
  /** Nothing can wait before its variables have their values. */
  readonly isFirst: boolean;
}

/** A variable that stays where it is declared, around an await. */
export interface Unhoisted {
  readonly name: string;
  readonly scope: Node;
}

/** What a function declares. */
export class Declared {
  readonly hoisted: Hoisted[] = [];
  readonly unhoisted: Unhoisted[] = [];
  /** Of the body: the first ones stay, which see the variables of the first call. */
  readonly functions: Function[] = [];
}

/** Whether a name is that of a variable of a function which no function inside sees. */
export function isOwn(name: string, node: AnyFunction, hoisted: readonly Hoisted[], uses: Uses): boolean {
  if (uses.of(name).some(({ inner }) => inner)) return false;
  const patterns = hoisted.flatMap(({ declaration }) => declaration.declarations.map(({ id }) => id));
  return [...node.params, ...patterns].flatMap(bindings).some((binding) => binding.name === name);
}

/**
 * The names of hoisted declarations, when each means the same in the whole function as it does in its scope: nobody uses it
 * before it is declared, and a function inside that sees the variable sees it with its only value. Two of one name are one
 * variable when neither can be seen where the other is, nor by a function.
 *
 * @returns null when one does not
 */
export function keptVariables(
  node: AnyFunction,
  parameters: readonly string[],
  { hoisted, unhoisted, functions }: Declared,
  uses: Uses,
): readonly string[] | null {
  const names = new Set(parameters);
  for (const name of parameters) {
    const own = uses.ofVariable(name, node);
    if (own.some(({ inner }) => inner) && own.some(({ assigns }) => assigns)) return null;
  }
  if (unhoisted.some(({ name }) => names.has(name))) return null;
  const apart = [...unhoisted];
  const seen = new Set<string>();
  for (const { declaration, scope, inLoop, isFirst } of hoisted) {
    for (const { id, init } of declaration.declarations) {
      for (const { name, start } of bindings(id)) {
        const own = uses.ofVariable(name, scope);
        const captured = own.some(({ inner }) => inner);
        const assigned = own.some(({ assigns }) => assigns);
        if (own.some(({ at }) => at < start)) return null;
        if (init !== null && own.some(({ at, inner }) => !inner && at >= init.start && at < init.end)) return null;
        if (declaration.kind === "const" ? assigned : captured && (assigned || init === null)) return null;
        if (captured && inLoop) return null;
        if (!isFirst && own.some(({ at }) => functions.some((one) => at >= one.start && at < one.end))) return null;
        // Outside of the function it would be another one.
        if (parameters.includes(name) || uses.of(name).some((use) => use.scope === null)) return null;
        if (apart.some((other) => other.name === name && overlap(other.scope, scope))) return null;
        if ((captured && names.has(name)) || seen.has(name)) return null;
        names.add(name);
        if (captured) seen.add(name);
        apart.push({ name, scope });
      }
    }
  }
  for (const { id } of functions) {
    const { name } = id!;
    const isUnlike = names.has(name) || uses.of(name).some(({ scope }) => scope === null);
    if (isUnlike || uses.ofVariable(name, node.body!).some(({ assigns }) => assigns)) return null;
    if (unhoisted.some((other) => other.name === name)) return null;
    names.add(name);
  }
  return [...names];
}

/** Of two parts of a program that nest or are apart. */
function overlap(a: Node, b: Node): boolean {
  return a.start < b.end && b.start < a.end;
}
