import type { Expression, IdentifierName } from "oxc-parser";
import { bare } from "../syntax/bare.ts";

/** How V8 shows what is called in "… is not a function"; null when that is not sure. */
export function renderedCallee(expression: Expression): string | null {
  const node = bare(expression);
  switch (node.type) {
    case "Identifier":
      return node.name;
    case "ThisExpression":
      return "this";
    case "NewExpression":
      return "(intermediate value)";
    case "CallExpression": {
      const callee = node.optional ? null : renderedCallee(node.callee);
      return callee === null ? null : `${callee}(...)`;
    }
    case "MemberExpression": {
      const object = node.optional ? null : renderedCallee(node.object);
      if (object === null) return null;
      const { property } = node;
      if (property.type === "PrivateIdentifier") return `${object}[#${property.name}]`;
      if (!node.computed) return `${object}.${(property as IdentifierName).name}`;
      if (property.type === "Literal") {
        if (typeof property.value === "number") return `${object}[${property.value}]`;
        return typeof property.value === "string" && !/^\d+$/.test(property.value)
          ? `${object}.${property.value}`
          : null;
      }
      const key = property.type === "Identifier" ? renderedCallee(property) : null;
      return key === null ? null : `${object}[${key}]`;
    }
    default:
      return null;
  }
}
