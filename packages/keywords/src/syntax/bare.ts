import type { Expression } from "oxc-parser";

/** An expression without the parentheses and the types around it. */
export function bare(node: Expression): Expression {
  switch (node.type) {
    case "ParenthesizedExpression":
    case "TSAsExpression":
    case "TSSatisfiesExpression":
    case "TSNonNullExpression":
      return bare(node.expression);
    default:
      return node;
  }
}
