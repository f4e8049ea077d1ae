import type { CallExpression, Function, Node, Program } from "oxc-parser";
import { childrenOf } from "./syntax/children.ts";
import type { Compilation } from "./compilation.ts";
import type { Cleanup } from "./frame.ts";
import { isCalledPlainly } from "./reentry/parameters.ts";
import { PrivateCalls } from "./private-calls.ts";
import type { Reentries } from "./reentry/reentry.ts";
import { hasDirective, NATIVE } from "./select.ts";
import { isTailDeclaration } from "./tail.ts";
import { expectToken } from "./syntax/trivia.ts";
import { THIS } from "./reentry/kept-variables.ts";

/** What is known of an async function that a file surely means when it calls it by name. */
interface Known {
  /** The statement list that its declaration stands in. */
  readonly list: Node;
  /** It has no generator, see `isTailDeclaration`. */
  readonly tail: boolean;
  /** It is called again to go on, see `Reentry`. */
  readonly reentered: boolean;
}

/**
 * The async functions that a file surely means when it calls them by name: declared once, and nothing else in the file
 * declares, assigns or names itself so.
 *
 * `await f(x)` of such a function starts its generator where it stands, `call(f$,1,f$(x))`, or calls it,
 * `callTail(f$,x)`: the coroutine is made only if it has to be left behind suspended. Making it is half of what an await
 * that never suspends costs.
 */
export class KnownCalls {
  readonly #known: ReadonlyMap<string, Known>;
  /** By name: the generator, and what a cancellation has to do with it, once the function is compiled. */
  readonly #compiled = new Map<string, { readonly generator: string; readonly cleanup: Cleanup }>();
  readonly #calls: CallExpression[] = [];
  readonly ofMethods: PrivateCalls = new PrivateCalls();

  constructor(program: Program, reentries: Reentries) {
    this.#known = knownFunctions(program, reentries);
  }

  /** What of the runtime takes the place of `enter` for an awaited expression of the node being visited. */
  entering(c: Compilation, node: Node): "enter" | "call" | "callFrame" | "callMethod" | "callTail" {
    if (node.type !== "CallExpression" || node.optional) return "enter";
    if (node.callee.type !== "Identifier") return this.ofMethods.entering(c, node);
    const known = this.#known.get(node.callee.name);
    if (known === undefined || !c.path.includes(known.list)) return "enter";
    const { length } = node.arguments;
    const spread = node.arguments.some(({ type }) => type === "SpreadElement");
    if (known.tail && (length === 0 || length > 2 || spread)) return "enter";
    if (known.reentered && spread) return "enter";
    this.#calls.push(node);
    return known.tail ? "callTail" : known.reentered ? "callFrame" : "call";
  }

  compiled(node: Function, generator: string, cleanup: Cleanup): void {
    if (node.id !== null) this.#compiled.set(node.id.name, { generator, cleanup });
  }

  /** Writes the generators in the calls, when all functions are compiled. */
  write(c: Compilation): void {
    this.ofMethods.write(c);
    for (const call of this.#calls) {
      const { callee } = call;
      const { name } = callee as { name: string };
      const { generator, cleanup } = this.#compiled.get(name)!;
      const { tail, reentered } = this.#known.get(name)!;
      const behind = tail ? "" : reentered ? `${cleanup},` : `${cleanup},${generator}`;
      c.replace(callee.start, callee.end, `${generator},${behind}`);
      if (!tail && !reentered) continue;
      const parenthesis = expectToken(c.code, (call.typeArguments ?? callee).end, "(");
      c.replace(parenthesis, parenthesis + 1, "");
      c.replace(call.end - 1, call.end, "");
    }
  }
}

function knownFunctions(program: Program, reentries: Reentries): Map<string, Known> {
  const functions = new Map<string, Known>();
  /** How often a name stands where it may be given to something. */
  const given = new Map<string, number>();
  const give = (name: string): void => void given.set(name, (given.get(name) ?? 0) + 1);
  let dynamic = false;

  function learn(node: Function, list: Node): void {
    const tail = isTailDeclaration(node);
    const reentry = tail ? null : reentries.of(node);
    if (reentry === null || (isCalledPlainly(reentry) && reentry.parameters[0] !== THIS))
      functions.set(node.id!.name, { list, tail, reentered: reentry !== null });
  }

  function look(node: Node, path: readonly [parent: Node | null, outer: Node | null], list: Node, native: boolean) {
    const [parent, outer] = path;
    if (node.type === "FunctionDeclaration") {
      native ||= node.body !== null && hasDirective(node.body.body, NATIVE);
      if (node.async && !node.generator && node.body !== null && node.id !== null && !native) learn(node, list);
    } else if (node.type === "Identifier") {
      if (node.name === "eval") dynamic = true;
      if (!isRead(node, parent, outer)) give(node.name);
    } else if (node.type === "Literal") {
      if (typeof node.value === "string" && parent !== null && "key" in parent && parent.key === node) give(node.value);
    } else if (node.type === "WithStatement") {
      dynamic = true;
    }
    const inner = LISTS.has(node.type) ? node : list;
    for (const child of childrenOf(node)) look(child, [node, parent], inner, native);
  }

  look(program, [null, null], program, false);
  for (const name of functions.keys()) if (dynamic || given.get(name) !== 1) functions.delete(name);
  return functions;
}

const LISTS = new Set(["Program", "BlockStatement", "SwitchCase", "StaticBlock", "TSModuleBlock"]);

/** Where an identifier is surely no more than read. Everywhere else it may be declared, assigned, or give its name to a function. */
function isRead(node: Node, parent: Node | null, outer: Node | null): boolean {
  switch (parent?.type) {
    case "CallExpression":
    case "NewExpression":
    case "MemberExpression":
    case "AwaitExpression":
    case "YieldExpression":
    case "ReturnStatement":
    case "ExpressionStatement":
    case "ParenthesizedExpression":
    case "ArrayExpression":
    case "SpreadElement":
    case "TemplateLiteral":
    case "UnaryExpression":
    case "BinaryExpression":
    case "LogicalExpression":
    case "ConditionalExpression":
    case "SequenceExpression":
    case "ExportSpecifier":
    case "ExportDefaultDeclaration":
    case "TSAsExpression":
    case "TSSatisfiesExpression":
    case "TSNonNullExpression":
    case "TSTypeQuery":
      return true;
    case "VariableDeclarator":
      return parent.init === node;
    case "AssignmentExpression":
      return parent.right === node;
    case "ArrowFunctionExpression":
      return parent.body === node;
    case "Property":
      return outer?.type === "ObjectExpression" && (parent.shorthand || parent.key !== node);
    default:
      return false;
  }
}
