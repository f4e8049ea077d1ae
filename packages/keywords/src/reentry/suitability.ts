import type { BlockStatement, Expression, Node } from "oxc-parser";
import { bindings } from "../syntax/bindings.ts";
import { childrenOf } from "../syntax/children.ts";
import type { AnyFunction } from "../frame.ts";
import { constantDefault, parametersOf } from "./parameters.ts";
import type { ReentryCall } from "./reentry.ts";
import { usesMore, usesThis } from "../syntax/uses-call.ts";
import { THIS } from "./kept-variables.ts";

/** Thrown where a function needs a generator after all. */
export const UNFIT: unique symbol = Symbol("unfit");

/**
 * What holds an await of a function, and how the function is called.
 *
 * @throws UNFIT when it has something that cannot be called again
 */
export function suitability(
  node: AnyFunction,
  body: BlockStatement | Expression,
): { readonly waiting: ReadonlySet<Node>; readonly call: ReentryCall } {
  const search = new Search(node.type === "FunctionExpression");
  for (const part of body.type === "BlockStatement" ? body.body : [body]) search.look(part);
  const given = parametersOf(node);
  // A decorator is told the place of its parameter, which would be another one.
  if (given.some(({ decorators }) => decorators !== undefined && decorators.length > 0)) throw UNFIT;
  const unpacks = given.some((one) => one.type !== "Identifier" && constantDefault(one) === null);
  for (const one of unpacks ? given : []) search.look(one);
  const parameters = given.flatMap(bindings).map(({ name }) => name);
  // What stands in the place of a method need not know whether it uses `this`.
  if (search.usesThis || search.isMethod) parameters.unshift(THIS);
  const defaults = unpacks ? [] : given.map(constantDefault).filter((one) => one !== null);
  return { waiting: search.waiting, call: { parameters, defaults, unpacks } };
}

class Search {
  readonly waiting = new Set<Node>();
  usesThis = false;
  readonly isMethod: boolean;

  constructor(isMethod: boolean) {
    this.isMethod = isMethod;
  }

  /** Says whether a node holds an await of this function. */
  look(node: Node): boolean {
    switch (node.type) {
      case "FunctionExpression":
      case "FunctionDeclaration":
        return false;
      case "ArrowFunctionExpression":
        if (usesMore(node)) throw UNFIT;
        this.usesThis ||= usesThis(node);
        return false;
      case "ThisExpression":
        this.usesThis = true;
        return false;
      case "Super":
        // A method stays one.
        if (!this.isMethod) throw UNFIT;
        this.usesThis = true;
        return false;
      case "ClassDeclaration":
      case "ClassExpression":
      case "WithStatement":
      case "JSXElement":
      case "JSXFragment":
      case "TSEnumDeclaration":
      case "TSModuleDeclaration":
        throw UNFIT;
      case "MetaProperty":
        if (node.meta.name === "new") throw UNFIT;
        return false;
      case "Identifier":
        if (node.name === "arguments" || node.name === "eval") throw UNFIT;
        break;
      case "VariableDeclaration":
        if (node.kind !== "let" && node.kind !== "const") throw UNFIT;
        break;
      case "ForOfStatement":
        if (node.await) throw UNFIT;
    }
    let waits = node.type === "AwaitExpression";
    for (const child of childrenOf(node)) if (this.look(child)) waits = true;
    if (waits) this.waiting.add(node);
    return waits;
  }
}
