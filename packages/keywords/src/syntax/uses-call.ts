import type { Function, Node } from "oxc-parser";
import { childrenOf } from "./children.ts";

/** Says whether a node of a function uses more of its call than the parameters: what another function in its place would have of its own. */
export function usesCall(node: Node): boolean {
  return usesThis(node) || usesMore(node);
}

/** The same, but for `this`. */
export function usesMore(node: Node): boolean {
  switch (node.type) {
    case "Super":
      return true;
    case "MetaProperty":
      return node.meta.name === "new";
    case "Identifier":
      return node.name === "arguments" || node.name === "eval";
    case "JSXIdentifier":
      return node.name === "this";
    case "FunctionExpression":
    case "FunctionDeclaration":
      return false;
  }
  return childrenOf(node).some(usesMore);
}

/** Says whether a method uses `super`, in arrows too. */
export function usesSuper(method: Function): boolean {
  return childrenOf(method).some(hasSuper);
}

function hasSuper(node: Node): boolean {
  if (node.type === "Super") return true;
  if (node.type === "FunctionExpression" || node.type === "FunctionDeclaration") return false;
  return childrenOf(node).some(hasSuper);
}

export function usesThis(node: Node): boolean {
  if (node.type === "ThisExpression") return true;
  if (node.type === "FunctionExpression" || node.type === "FunctionDeclaration") return false;
  return childrenOf(node).some(usesThis);
}
