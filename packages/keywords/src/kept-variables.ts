import type { Node, VariableDeclaration } from "oxc-parser";
import { assignedBy, bindings } from "./bindings.ts";
import { childrenOf } from "./children.ts";
import type { AnyFunction } from "./frame.ts";
import { isReference } from "./reference.ts";

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
}

/** The use of a name in a function. */
interface Use {
  readonly at: number;
  /** In a function inside of this one, which may see the variable later. */
  readonly inner: boolean;
  readonly assigns: boolean;
}

/** Where the names of a function are used, by name: it looks at no scopes. */
export class Uses {
  readonly #uses = new Map<string, Use[]>();

  constructor(node: AnyFunction) {
    for (const child of childrenOf(node)) this.#look(child, node, false);
  }

  of(name: string): readonly Use[] {
    return this.#uses.get(name) ?? [];
  }

  #look(node: Node, parent: Node, inner: boolean): void {
    if (node.type === "JSXIdentifier" || (node.type === "Identifier" && isReference(node, parent)))
      this.#note(node.name, { at: node.start, inner, assigns: false });
    for (const { name, start } of assignedBy(node)) this.#note(name, { at: start, inner, assigns: true });
    const inside = inner || FUNCTIONS.has(node.type);
    for (const child of childrenOf(node)) this.#look(child, node, inside);
  }

  #note(name: string, use: Use): void {
    const uses = this.#uses.get(name);
    if (uses === undefined) this.#uses.set(name, [use]);
    else uses.push(use);
  }
}

const FUNCTIONS = new Set(["FunctionExpression", "FunctionDeclaration", "ArrowFunctionExpression"]);

/**
 * The names of hoisted declarations, when each means the same in the whole function as it does in its scope: nobody else uses
 * the name, nor before it is declared, and a function inside that sees the variable sees it with its only value.
 *
 * @returns null when one does not
 */
export function keptVariables(
  parameters: readonly string[],
  hoisted: readonly Hoisted[],
  uses: Uses,
): readonly string[] | null {
  const names = [...parameters];
  for (const name of parameters) {
    const own = uses.of(name);
    if (own.some(({ inner }) => inner) && own.some(({ assigns }) => assigns)) return null;
  }
  for (const { declaration, scope, inLoop } of hoisted) {
    for (const declarator of declaration.declarations) {
      const { id, init } = declarator;
      for (const { name, start } of bindings(id)) {
        if (names.includes(name)) return null;
        names.push(name);
        const all = uses.of(name);
        const captured = all.some(({ inner }) => inner);
        const assigned = all.some(({ assigns }) => assigns);
        if (all.some(({ at }) => at < start || at >= scope.end)) return null;
        if (init !== null && all.some(({ at, inner }) => !inner && at >= init.start && at < init.end)) return null;
        if (declaration.kind === "const" ? assigned : captured && (assigned || init === null)) return null;
        if (captured && inLoop) return null;
      }
    }
  }
  return names;
}
