import type { Expression, Node } from "oxc-parser";
import { assignedBy } from "../syntax/bindings.ts";
import { childrenOf } from "../syntax/children.ts";
import { Order } from "./order.ts";
import { skipTrivia } from "../syntax/trivia.ts";

/** `+=` and the like, which need both values. */
const UPDATES = /^[^=&|?]+=$|^[&|]=$/;

/**
 * The order in which the expression of a statement, or of a branch, is evaluated. `keeps` says whether nobody else changes a
 * variable.
 *
 * @returns null for what cannot be taken apart
 */
export function orderOf(
  holder: Node,
  expression: Expression,
  code: string,
  keeps: (name: string) => boolean,
  holdsAwait: (node: Node) => boolean,
): Order | null {
  // The assignment comes last.
  const assigned = assignedIn(expression.type === "AssignmentExpression" ? expression.right : expression);
  const order = new Order((name) => !assigned.has(name) && keeps(name), holdsAwait);
  if (
    holder.type !== "ExpressionStatement" ||
    expression.type !== "AssignmentExpression" ||
    expression.operator === "="
  ) {
    const declarator = holder.type === "VariableDeclaration" ? holder.declarations[0]! : holder;
    order.see(expression, "value", declarator.type === "VariableDeclarator" && declarator.id.type !== "Identifier");
    return order;
  }
  const { left, operator } = expression;
  if (holdsAwait(left) || !UPDATES.test(operator) || !code.startsWith(operator, skipTrivia(code, left.end)))
    return null;
  order.seeUpdate(expression);
  return order;
}

function assignedIn(node: Node, names: Set<string> = new Set()): ReadonlySet<string> {
  for (const { name } of assignedBy(node)) names.add(name);
  for (const child of childrenOf(node)) assignedIn(child, names);
  return names;
}
