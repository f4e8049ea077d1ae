import type { Expression, Node, ParamPattern } from "oxc-parser";
import type { Compilation } from "../compilation.ts";
import type { AnyFunction } from "../frame.ts";
import { SLOTS, THIS } from "./kept-variables.ts";
import type { Reentry } from "./reentry.ts";
import { skipTrivia } from "../syntax/trivia.ts";

/** The parameters of a function, without the `this` of TypeScript. */
export function parametersOf(node: AnyFunction): readonly ParamPattern[] {
  return node.params.filter((parameter) => !(parameter.type === "Identifier" && parameter.name === "this"));
}

/** The `length` of a function. */
export function lengthOf(node: AnyFunction): number {
  const given = parametersOf(node);
  const first = given.findIndex(({ type }) => type === "AssignmentPattern" || type === "RestElement");
  return first === -1 ? given.length : first;
}

/** What a parameter has by default where that is the same for every call: it may be given when the function runs. */
export function constantDefault(parameter: Node): { readonly name: string; readonly value: Expression } | null {
  if (parameter.type !== "AssignmentPattern" || parameter.left.type !== "Identifier") return null;
  return isConstant(parameter.right) ? { name: parameter.left.name, value: parameter.right } : null;
}

function isConstant(node: Expression): boolean {
  if (node.type === "Literal") return !("regex" in node);
  if (node.type === "UnaryExpression") return node.operator === "-" && isConstant(node.argument);
  if (node.type === "ArrayExpression") return node.elements.length === 0;
  return node.type === "ObjectExpression" && node.properties.length === 0;
}

/** Others unpack their parameters, or pack them, which is done by the function that stands in the place of the original. */
export function isCalledPlainly({ parameters, unpacks }: Reentry): boolean {
  return !unpacks && parameters.length <= SLOTS;
}

/** What a function that is called again takes: its frame, what it is called with, and what it goes on with. */
export function parameterList(c: Compilation, { parameters }: Reentry): string {
  const names = parameters.filter((name) => name !== THIS);
  return [c.name("$F"), ...names, ...behind(c, names.length)].join(",");
}

/** Makes that of the parameters that stand behind the parenthesis at `offset`; constant defaults are given in the body. */
export function writeParameters(c: Compilation, node: AnyFunction, reentry: Reentry, offset: number): void {
  const given = parametersOf(node);
  const [first] = given;
  if (first === undefined) {
    const [alone] = node.params;
    if (alone !== undefined) c.replace(alone.start, alone.end, "");
    return c.open(offset, parameterList(c, reentry));
  }
  if (first !== node.params[0]) c.replace(node.params[0]!.start, first.start, "");
  for (const one of given) {
    if (one.type === "AssignmentPattern") c.replace(one.left.end, one.end, "");
    else if (one.type === "Identifier") {
      // One that is required may not stand behind one that may be left out.
      const mark = skipTrivia(c.code, one.start + one.name.length);
      if (c.code[mark] === "?") c.replace(mark, mark + 1, "");
    }
  }
  c.open(offset, `${c.name("$F")},`);
  const more = behind(c, given.length);
  if (more.length > 0) c.close(given.at(-1)!.end, `,${more.join(",")}`);
}

/** What it goes on with stands in the place of the first two parameters. */
function behind(c: Compilation, count: number): readonly string[] {
  return [c.name("$v"), c.name("$h")].slice(count);
}
