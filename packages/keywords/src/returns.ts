import type { ReturnStatement } from "oxc-parser";
import { awaitHere, handOn, handsOn } from "./awaits.ts";
import type { Compilation } from "./compilation.ts";
import { isPlain } from "./syntax/plain.ts";
import { handedOn } from "./reentry/reenter.ts";

/**
 * `return e` of an async function waits for e.
 *
 * Outside of everything that must be closed it is `return enter(e)`. Inside a try, a loop over an iterator or a `using`
 * block the function is left first and waits then, as JavaScript has it: the value goes out of a labelled block around
 * the body, `{$return=e;break $body}`, and is waited for behind it. An async generator waits where it stands.
 */
export function compileReturn(c: Compilation, node: ReturnStatement): void {
  const { frame } = c;
  const { argument } = node;
  if (!frame.compiled || argument === null || isPlain(argument)) return;
  if (handsOn(c)) return handOn(c, argument);
  if (frame.tail) return;
  if ("generator" in frame.node && frame.node.generator) return awaitHere(c, argument);
  frame.usesReturnBlock = true;
  const sequence = argument.type === "SequenceExpression";
  c.replace(node.start, node.start + "return".length, `{${c.name("$return")}=`);
  if (sequence) c.open(argument.start, "(");
  const end = `${sequence ? ")" : ""};break ${c.name("$body")}`;
  if (c.code[node.end - 1] === ";") {
    c.close(argument.end, end);
    c.replace(node.end - 1, node.end, "}");
  } else {
    c.close(argument.end, `${end}}`);
  }
}

/** The text around the body of a function whose `return` statements leave through the labelled block. */
export function returnBlock(c: Compilation): readonly [before: string, behind: string] {
  const given = c.name("$return");
  const entered = c.frame.reentry === null ? `${c.rt("enter")}(${given})` : handedOn(c, given);
  return [`${c.name("$body")}:{`, `;return}return ${entered}`];
}
