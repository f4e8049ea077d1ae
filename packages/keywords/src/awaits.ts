import type { AwaitExpression, Expression, Node, YieldExpression } from "oxc-parser";
import type { Compilation } from "./compilation.ts";
import { isPlain } from "./syntax/plain.ts";
import { awaitInFront, handingOn } from "./reentry/reenter.ts";

/**
 * The two halves of a wait as an expression: what stands before and behind the awaited expression. Whether it is a symbol
 * at all is asked first: V8 calls a function to compare anything else with one.
 */
export function waiting(c: Compilation, awaited?: Expression): readonly [before: string, behind: string] {
  c.frame.usesTemporary = true;
  c.frame.suspends();
  const $ = c.name("$");
  return [`(typeof(${$}=${entering(c, awaited)}(`, `))==="symbol"&&${$}===${c.rt("SUSPEND")}?yield:${$})`];
}

/** The two halves of a wait whose value nobody wants. */
function waitingForNothing(c: Compilation, awaited: Expression): readonly [before: string, behind: string] {
  c.frame.suspends();
  return [`${entering(c, awaited)}(`, `)===${c.rt("SUSPEND")}?yield:0`];
}

/** What enters an expression: `enter(e)`, or less for the call of a function of this file, see `KnownCalls`. */
function entering(c: Compilation, awaited: Expression | undefined): string {
  return c.rt(awaited === undefined ? "enter" : c.knownCalls.entering(c, awaited));
}

/** `await e`  →  `(typeof($=enter(e))==="symbol"&&$===SUSPEND?yield:$)`, alone in a statement `enter(e)===SUSPEND?yield:0` */
export function compileAwait(c: Compilation, node: AwaitExpression): void {
  if (!c.frame.compiled) return;
  if (c.frame.reentry !== null) return awaitInFront(c, c.frame.reentry, node);
  if (c.frame.tail) return c.replace(node.start, node.start + "await".length, "");
  const parent = c.parent();
  if (parent?.type === "ReturnStatement" && handsOn(c)) {
    c.replace(node.start, node.start + "await".length, `${entering(c, node.argument)}(`);
    return c.close(node.end, ")");
  }
  const alone = parent?.type === "ExpressionStatement" && parent.start === node.start;
  const [before, behind] = alone ? waitingForNothing(c, node.argument) : waiting(c, node.argument);
  c.replace(node.start, node.start + "await".length, before);
  c.close(node.end, behind);
  if (!alone) guardStatementStart(c, node);
}

/**
 * A statement that began with a word now begins with a parenthesis: without a semicolon before it, the line before
 * would become a call. A statement that is the body of `if` or of a loop has none before it and needs none.
 */
export function guardStatementStart(c: Compilation, node: Node): void {
  for (let i = c.path.length - 1; i > 0 && c.path[i]!.start === node.start; i--) {
    if (c.path[i]!.type !== "ExpressionStatement") continue;
    const list = c.path[i - 1]!.type;
    if (list === "BlockStatement" || list === "Program" || list === "SwitchCase" || list === "StaticBlock")
      c.open(node.start, ";");
    return;
  }
}

/** Whether `return` leaves nothing to do here but to wait for its value, and to give it. */
export function handsOn(c: Compilation): boolean {
  const { node, returnsThroughRegion } = c.frame;
  return !returnsThroughRegion && !("generator" in node && node.generator);
}

/**
 * `return e` waits for e: `return enter(e)`. The frame has nothing left to do then: who awaits it is told by SUSPEND that
 * it must be waited for, and the generator is over. One without a generator hands on anything, and enters only calls that
 * the compiler knows.
 */
export function handOn(c: Compilation, expression: Expression): void {
  if (expression.type === "ConditionalExpression") {
    for (const branch of [expression.consequent, expression.alternate]) if (!isPlain(branch)) handOn(c, branch);
    return;
  }
  const sequence = expression.type === "SequenceExpression";
  if (c.frame.reentry !== null) {
    const [before, behind] = handingOn(c, expression);
    c.open(expression.start, before + (sequence ? "(" : ""));
    return c.close(expression.end, (sequence ? ")" : "") + behind);
  }
  const entered = c.knownCalls.entering(c, expression);
  if (c.frame.tail && entered === "enter") return;
  c.open(expression.start, `${c.rt(entered)}(${sequence ? "(" : ""}`);
  c.close(expression.end, sequence ? "))" : ")");
}

/** Has the value of `expression` waited for where it stands. */
export function awaitHere(c: Compilation, expression: Expression): void {
  const [before, behind] = waiting(c, expression);
  if (expression.type === "SequenceExpression") {
    c.open(expression.start, `${before}(`);
    c.close(expression.end, `)${behind}`);
  } else {
    c.open(expression.start, before);
    c.close(expression.end, behind);
  }
}

/** In an async generator: `yield e`  →  `yield emit(await e)`, `yield* e`  →  `yield* delegate(e)` */
export function compileYield(c: Compilation, node: YieldExpression): void {
  if (!c.frame.compiled) return;
  c.frame.suspends();
  const { argument } = node;
  if (argument === null) return c.close(node.end, ` ${c.rt("emit")}()`);
  if (node.delegate) {
    c.frame.cleanup = 0;
    c.open(argument.start, `${c.rt("delegate")}(`);
  } else {
    if (!isPlain(argument)) awaitHere(c, argument);
    c.open(argument.start, `${c.rt("emit")}(`);
  }
  c.close(argument.end, ")");
}
