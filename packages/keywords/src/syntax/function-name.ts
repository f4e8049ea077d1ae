import type { Node } from "oxc-parser";

/**
 * The name of a function: its own, or the one that the place gives to an anonymous function.
 * `computed`: the name is known only when the program runs, at a computed key of an object or a class.
 */
export type FunctionName = { readonly text: string } | "computed";

const NO_NAME: FunctionName = { text: "" };

/** The name that an anonymous function gets from where it stands. `path` holds the nodes around it, the outermost first. */
export function inferredName(path: readonly Node[], node: Node): FunctionName {
  let child = node;
  for (let i = path.length - 1; i >= 0; i--) {
    const parent = path[i]!;
    switch (parent.type) {
      case "ParenthesizedExpression":
      case "TSAsExpression":
      case "TSSatisfiesExpression":
      case "TSNonNullExpression":
      case "TSTypeAssertion":
        child = parent;
        continue;
      case "VariableDeclarator":
        return identifierName(parent.id);
      case "AssignmentExpression":
        if (parent.right !== child || !["=", "||=", "&&=", "??="].includes(parent.operator)) return NO_NAME;
        return identifierName(parent.left);
      case "AssignmentPattern":
        return parent.right === child ? identifierName(parent.left) : NO_NAME;
      case "Property":
        if (parent.value !== child) return NO_NAME;
        return keyName(parent.key, parent.computed, !parent.shorthand && !parent.method);
      case "PropertyDefinition":
      case "AccessorProperty":
        return parent.value === child ? keyName(parent.key, parent.computed, false) : NO_NAME;
      case "ExportDefaultDeclaration":
        return { text: "default" };
      default:
        return NO_NAME;
    }
  }
  return NO_NAME;
}

/** The name that a static key gives. `__proto__: f` sets the prototype and gives none. */
export function keyName(key: Node, computed: boolean, prototype = false): FunctionName {
  if (key.type === "Literal" && typeof key.value === "string") return { text: key.value };
  if (computed) return "computed";
  if (key.type === "PrivateIdentifier") return { text: `#${key.name}` };
  if (key.type === "Literal") return { text: String(key.value) };
  if (key.type !== "Identifier") return NO_NAME;
  return prototype && key.name === "__proto__" ? NO_NAME : { text: key.name };
}

function identifierName(node: Node): FunctionName {
  return node.type === "Identifier" ? { text: node.name } : NO_NAME;
}

/** Says whether a name can stand as an identifier, so that the generator can be called after it. */
export function isIdentifier(name: string): boolean {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name);
}
