import type { Node, Program } from "oxc-parser";
import { assignedBy, bindings } from "../syntax/bindings.ts";
import { childrenOf } from "../syntax/children.ts";

/** Of the language, which keeps them from having other values. */
const STANDARD = ["undefined", "NaN", "Infinity"];

/**
 * The names of a file that keep the values with which they are declared: `const`, functions, classes and parameters to which
 * nothing assigns. What is imported or global may be changed elsewhere, or not be there at all. It looks at no scopes: a
 * global that bears the name of a constant of some function passes for one.
 */
export function steadyNames(program: Program): ReadonlySet<string> {
  const steady = new Set(STANDARD);
  const changing = new Set<string>();
  const look = (node: Node): void => {
    for (const name of steadyOf(node)) steady.add(name);
    for (const name of changedBy(node)) changing.add(name);
    for (const child of childrenOf(node)) look(child);
  };
  look(program);
  for (const name of changing) steady.delete(name);
  return steady;
}

function steadyOf(node: Node): readonly string[] {
  switch (node.type) {
    case "VariableDeclaration":
      return node.kind === "const" ? names(node.declarations.map(({ id }) => id)) : [];
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "ArrowFunctionExpression":
      return names(node.id === null ? node.params : [node.id, ...node.params]);
    case "ClassDeclaration":
    case "ClassExpression":
      return node.id === null ? [] : [node.id.name];
    case "CatchClause":
      return node.param === null ? [] : names([node.param]);
    default:
      return [];
  }
}

function changedBy(node: Node): readonly string[] {
  if (node.type === "ImportDeclaration") return node.specifiers.map(({ local }) => local.name);
  if (node.type === "VariableDeclaration" && node.kind !== "const") return names(node.declarations.map(({ id }) => id));
  return assignedBy(node).map(({ name }) => name);
}

function names(patterns: readonly Node[]): readonly string[] {
  return patterns.flatMap(bindings).map(({ name }) => name);
}
