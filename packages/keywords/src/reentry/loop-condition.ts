import type { DoWhileStatement, ForStatement, Node, WhileStatement } from "oxc-parser";
import { childrenOf } from "../syntax/children.ts";
import type { Compilation } from "../compilation.ts";
import type { Reentry } from "./reentry.ts";
import { expectToken } from "../syntax/trivia.ts";

export type ConditionalLoop = WhileStatement | DoWhileStatement | ForStatement;

/** In front of what stands here the awaits of its condition are waited for. */
export function frontOf(code: string, node: ConditionalLoop): number {
  if (node.type === "WhileStatement") return expectToken(code, node.start + "while".length, "(");
  if (node.type === "DoWhileStatement")
    return expectToken(code, expectToken(code, node.body.end, "while") + "while".length, "(");
  const begin = node.init?.end ?? expectToken(code, node.start + "for".length, "(") + 1;
  return expectToken(code, begin, ";");
}

/**
 * A condition that waits is asked in the body:
 *
 *     while (await a) b          →   for(;;){wait for a; if($at===0&&!($))break; b}
 *     for (a; await b; c) d      →   for (a;; c){wait for b; if($at===0&&!($))break; d}
 *     do a while (await b)       →   do{a wait for b; if(!($))break;}while(!0)
 */
export function askInBody(c: Compilation, reentry: Reentry, node: ConditionalLoop): void {
  const { test, body } = node;
  const asked = test !== null && reentry.fronts.get(test);
  if (!asked) return;
  const front = frontOf(c.code, node);
  const breaks = `))break;${asked.named.length > 0 ? "}" : ""}`;
  const asks = `if(${c.name("$at")}===0&&!(`;
  c.replace(front, front + 1, asks);
  if (node.type === "ForStatement") {
    c.openMoved(asked.start, "{");
    c.close(test.end, breaks);
    c.move(front, test.end, body.start, "before", ";");
    return c.close(node.end, "}");
  }
  const end = expectToken(c.code, test.end, ")");
  if (node.type === "WhileStatement") {
    c.replace(node.start, node.start + "while".length, "for(;;){");
    c.replace(end, end + 1, breaks);
    return c.close(node.end, "}");
  }
  const at = expectToken(c.code, body.end, "while");
  c.replace(at, at + "while".length, "");
  c.open(body.start, "{");
  c.replace(end, end + 1, `${breaks}}while(!0)`);
}

/** Says whether a `continue` in the body of a loop may go on with that loop, or one around it. */
export function continues(body: Node): boolean {
  const look = (node: Node, inLoop: boolean, labels: readonly string[]): boolean => {
    if (node.type === "ContinueStatement") return node.label === null ? !inLoop : !labels.includes(node.label.name);
    if (FUNCTIONS.test(node.type)) return false;
    const loops = inLoop || LOOPS.test(node.type);
    const inside = node.type === "LabeledStatement" ? [...labels, node.label.name] : labels;
    return childrenOf(node).some((child) => look(child, loops, inside));
  };
  return look(body, false, []);
}

const LOOPS = /^(?:For|While|DoWhile)/;
const FUNCTIONS = /^(?:Function|ArrowFunction|Class)/;
