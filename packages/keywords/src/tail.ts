import type { ArrowFunctionExpression, Function, Node } from "oxc-parser";
import { childrenOf } from "./syntax/children.ts";
import { usesCall } from "./syntax/uses-call.ts";
import type { Compilation } from "./compilation.ts";

/**
 * An arrow that waits at most for what it gives needs no generator of its own, which V8 makes dear at its first call
 * (about 0.8 µs against 45 ns, Node 20 and 24): it stays an arrow, and one generator of the file waits for its value.
 *
 *     async (x) => e   →   (($f,$g)=>$g=mark(({name:($0)=>coro($given(()=>$f($0)),$g,1)}).name))((x) => e)
 */
export function isTail(node: ArrowFunctionExpression): boolean {
  const { body } = node;
  const last = body.type === "BlockStatement" ? body : tailOf(body);
  return last !== null && !waits(last);
}

/**
 * The same for a declaration of at most two plain parameters, which stays a function, too. It is called when its coroutine
 * is awaited or scheduled, with what the coroutine keeps of the call.
 *
 *     async function f(x) {…}   →   function f($0){return tail(f$,$0)}function f$(x) {…}
 */
export function isTailDeclaration(node: Function): boolean {
  if (node.type !== "FunctionDeclaration" || node.id === null || node.body === null || node.generator) return false;
  if (node.params.length > 2 || node.params.some(({ type }) => type !== "Identifier")) return false;
  return !waits(node.body) && !usesCall(node.body);
}

/** What an expression gives, without the `await` that may stand in front of it; the arrow waits for it anyway. */
function tailOf(body: Node | null): Node | null {
  if (body?.type === "ParenthesizedExpression") return tailOf(body.expression);
  return body?.type === "AwaitExpression" ? body.argument : body;
}

/** Says whether there is an `await` in a node that belongs to the function around it. */
function waits(node: Node): boolean {
  if (node.type === "AwaitExpression" || (node.type === "ForOfStatement" && node.await)) return true;
  if (node.type === "VariableDeclaration" && node.kind === "await using") return true;
  if (
    node.type === "FunctionExpression" ||
    node.type === "FunctionDeclaration" ||
    node.type === "ArrowFunctionExpression"
  ) {
    return false;
  }
  return childrenOf(node).some(waits);
}

/** The generator of the file that waits for what an arrow gives. */
export function tailGenerator(c: Compilation): string {
  c.usesTail = true;
  return c.name("$given");
}

/** Its declaration, once per file. */
export function tailDeclaration(c: Compilation): string {
  if (!c.usesTail) return "";
  return `function*${c.name("$given")}($0){return ${c.rt("enter")}($0())}`;
}
