import type { Node, Statement } from "oxc-parser";
import { assignedBy, bindings } from "../syntax/bindings.ts";
import { childrenOf } from "../syntax/children.ts";
import type { AnyFunction } from "../frame.ts";
import { isReference } from "../syntax/reference.ts";

/** The use of a name in a function. */
export interface Use {
  readonly at: number;
  /** In a function inside of this one, which may see the variable later. */
  readonly inner: boolean;
  readonly assigns: boolean;
  /** What declares it: a block, a loop, a `catch` clause, a function; null when nothing in the function does. */
  readonly scope: Node | null;
}

/** What declares names, and those. */
interface Names {
  readonly node: Node;
  readonly names: readonly string[];
}

/** Where the names of a function are used. */
export class Uses {
  readonly #uses = new Map<string, Use[]>();

  constructor(node: AnyFunction) {
    const names = node.params.flatMap(bindings).map(({ name }) => name);
    for (const child of childrenOf(node)) this.#look(child, node, false, [{ node, names }]);
  }

  of(name: string): readonly Use[] {
    return this.#uses.get(name) ?? [];
  }

  /** The uses of the variable that `scope` declares. */
  ofVariable(name: string, scope: Node): readonly Use[] {
    return this.of(name).filter((use) => use.scope === scope);
  }

  #look(node: Node, parent: Node, inner: boolean, scopes: readonly Names[]): void {
    const names = declaredBy(node);
    const around = names.length > 0 ? [{ node, names }, ...scopes] : scopes;
    if (node.type === "JSXIdentifier" || (node.type === "Identifier" && isReference(node, parent)))
      this.#note(node.name, { at: node.start, inner, assigns: false }, around);
    for (const { name, start } of assignedBy(node)) this.#note(name, { at: start, inner, assigns: true }, around);
    const inside = inner || isFunction(node);
    for (const child of childrenOf(node)) this.#look(child, node, inside, around);
  }

  #note(name: string, use: Omit<Use, "scope">, scopes: readonly Names[]): void {
    const scope = scopes.find(({ names }) => names.includes(name))?.node ?? null;
    const uses = this.#uses.get(name);
    if (uses === undefined) this.#uses.set(name, [{ ...use, scope }]);
    else uses.push({ ...use, scope });
  }
}

/** The names that can be seen inside of a node only. */
function declaredBy(node: Node): readonly string[] {
  switch (node.type) {
    case "FunctionExpression":
    case "FunctionDeclaration":
    case "ArrowFunctionExpression":
      return namesOf([
        ...(node.type === "FunctionExpression" && node.id !== null ? [node.id] : []),
        ...node.params.map((parameter) => (parameter.type === "TSParameterProperty" ? parameter.parameter : parameter)),
        ...(node.body === null ? [] : varsIn(node.body)),
      ]);
    case "ClassDeclaration":
    case "ClassExpression":
      return node.id === null ? [] : [node.id.name];
    case "BlockStatement":
    case "StaticBlock":
      return namesOf(node.body.flatMap(lexical));
    case "SwitchStatement":
      return namesOf(node.cases.flatMap(({ consequent }) => consequent.flatMap(lexical)));
    case "ForStatement":
      return node.init === null ? [] : namesOf(lexical(node.init));
    case "ForOfStatement":
    case "ForInStatement":
      return namesOf(lexical(node.left));
    case "CatchClause":
      return node.param === null ? [] : namesOf([node.param]);
    default:
      return [];
  }
}

function namesOf(patterns: readonly Node[]): readonly string[] {
  return patterns.flatMap(bindings).map(({ name }) => name);
}

/** What a statement declares in its list. */
function lexical(node: Node | Statement): readonly Node[] {
  switch (node.type) {
    case "VariableDeclaration":
      return node.kind === "var" ? [] : node.declarations.map(({ id }) => id);
    case "FunctionDeclaration":
    case "ClassDeclaration":
    case "TSEnumDeclaration":
    case "TSModuleDeclaration":
      return node.id === null ? [] : [node.id];
    default:
      return [];
  }
}

/** What `var` declares in a function, wherever it stands. */
function varsIn(node: Node): readonly Node[] {
  if (isFunction(node)) return [];
  const own = node.type === "VariableDeclaration" && node.kind === "var" ? node.declarations.map(({ id }) => id) : [];
  return [...own, ...childrenOf(node).flatMap(varsIn)];
}

function isFunction({ type }: Node): boolean {
  return type === "FunctionExpression" || type === "FunctionDeclaration" || type === "ArrowFunctionExpression";
}
