import type { Expression, ObjectExpression } from "oxc-parser";

/** Says whether an expression surely gives no awaitable: `return` need not wait for it. An await gives what was waited for. */
export function isPlain(expression: Expression): boolean {
  switch (expression.type) {
    case "Literal":
    case "TemplateLiteral":
    case "UnaryExpression":
    case "BinaryExpression":
    case "UpdateExpression":
    case "FunctionExpression":
    case "ArrowFunctionExpression":
    case "ArrayExpression":
    case "AwaitExpression":
      return true;
    case "Identifier":
      return expression.name === "undefined";
    case "ObjectExpression":
      return !mayHaveThen(expression);
    case "ParenthesizedExpression":
    case "TSAsExpression":
    case "TSSatisfiesExpression":
    case "TSNonNullExpression":
    case "TSTypeAssertion":
      return isPlain(expression.expression);
    case "ConditionalExpression":
      return isPlain(expression.consequent) && isPlain(expression.alternate);
    case "LogicalExpression":
      return isPlain(expression.left) && isPlain(expression.right);
    case "SequenceExpression":
      return isPlain(expression.expressions[expression.expressions.length - 1]!);
    default:
      return false;
  }
}

/** An object literal is awaitable when it has a `then`; a spread, a computed key and a prototype may bring one. */
function mayHaveThen(object: ObjectExpression): boolean {
  return object.properties.some((property) => {
    if (property.type !== "Property" || property.computed) return true;
    const { key } = property;
    const name = key.type === "Identifier" ? key.name : key.type === "Literal" ? key.value : undefined;
    return name === "then" || name === "__proto__";
  });
}
