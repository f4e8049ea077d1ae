import type { ArrowFunctionExpression } from "oxc-parser";
import { expectToken, skipTrivia } from "./trivia.ts";

/** Where the `=>` of an arrow stands. */
export function arrowOf(code: string, node: ArrowFunctionExpression): number {
  return expectToken(code, endOfParameters(code, node), "=>");
}

/** In front of what stands here the awaits of a body that is an expression are waited for. */
export function frontOfBody(code: string, node: ArrowFunctionExpression): number {
  const { start } = node.body;
  const isFirst = /^await\b/.test(code.slice(start, start + "await ".length));
  if (!isFirst) return start;
  // In front of what it begins with there is room behind the space before it.
  return /[ \t]/.test(code[start - 1]!) ? start - 1 : arrowOf(code, node) + "=>".length;
}

/** The offset behind `)` of an arrow's parameters, or behind its one bare parameter, or behind its return type. */
function endOfParameters(code: string, node: ArrowFunctionExpression): number {
  if (node.returnType) return node.returnType.end;
  const start = skipTrivia(code, node.start + "async".length);
  const last = node.params[node.params.length - 1];
  if (last !== undefined && last.start === start) return last.end;
  let at = last?.end ?? node.typeParameters?.end ?? start;
  at = skipTrivia(code, at);
  if (last === undefined) at = expectToken(code, at, "(") + 1;
  else if (code[at] === ",") at++;
  return expectToken(code, at, ")") + 1;
}
