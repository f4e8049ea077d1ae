import type { Node } from "oxc-parser";

/** The identifiers that a pattern gives values to. */
export function bindings(pattern: Node): { name: string; start: number }[] {
  switch (pattern.type) {
    case "Identifier":
      return [pattern];
    case "AssignmentPattern":
      return bindings(pattern.left);
    case "RestElement":
      return bindings(pattern.argument);
    case "ArrayPattern":
      return pattern.elements.flatMap((element) => (element === null ? [] : bindings(element)));
    case "ObjectPattern":
      return pattern.properties.flatMap((property) =>
        bindings(property.type === "Property" ? property.value : property),
      );
    case "TSAsExpression":
    case "TSNonNullExpression":
    case "TSSatisfiesExpression":
    case "ParenthesizedExpression":
      return bindings(pattern.expression);
    default:
      return [];
  }
}

/** The identifiers that a node itself gives other values to: an assignment, `++` and `--`, the head of a loop over an iterator. */
export function assignedBy(node: Node): { name: string; start: number }[] {
  switch (node.type) {
    case "AssignmentExpression":
    case "ForOfStatement":
    case "ForInStatement":
      return bindings(node.left);
    case "UpdateExpression":
      return bindings(node.argument);
    default:
      return [];
  }
}
