import type { ForOfStatement } from "oxc-parser";
import { usingOfLoop } from "./await-using.ts";
import type { Compilation } from "./compilation.ts";
import { takeLabels } from "./syntax/labels.ts";
import { expectToken } from "./syntax/trivia.ts";

/**
 * `for await (const x of source) body` becomes
 *
 *     {const $it=iterate(source);
 *      try{while($it.more(($=$it.advance())===SUSPEND?yield:$)){const x=$it.item;body}}
 *      catch($e){$it.failed=true;throw $e}
 *      finally{if($it.open)try{($=$it.close())===SUSPEND?yield:0}catch($e){if(!$it.failed)throw $e}}}
 *
 * in one line more or less than none: the source moves in front of the declaration, every line break stays.
 */
export function compileForAwait(c: Compilation, node: ForOfStatement): void {
  const { left, right, body } = node;
  const { code } = c;
  const [it, $, e] = [c.name("$it"), c.name("$"), c.name("$e")];
  const suspend = c.rt("SUSPEND");
  c.frame.usesTemporary = true;

  const awaitAt = expectToken(code, node.start + "for".length, "await");
  const openAt = expectToken(code, awaitAt + "await".length, "(");
  const ofAt = expectToken(code, left.end, "of");
  const closeAt = expectToken(code, right.end, ")");
  c.replace(node.start, node.start + "for".length, `{const ${it}=${c.rt("iterate")}(`);
  c.replace(awaitAt, awaitAt + "await".length, "");
  c.replace(openAt, openAt + 1, "");
  c.replace(ofAt, ofAt + "of".length, "");
  c.replace(closeAt, closeAt + 1, "");

  c.text.move(right.start, right.end, left.start);
  c.close(right.end, `);try{${takeLabels(c)}while(${it}.more((${$}=${it}.advance())===${suspend}?yield:${$})){`);

  let closing = "}";
  if (left.type !== "VariableDeclaration") {
    c.open(left.start, "(");
    c.close(left.end, `=${it}.item);`);
  } else if (left.kind === "await using") {
    closing = `${usingOfLoop(c, left, `${it}.item`)}}`;
  } else {
    c.close(left.end, `=${it}.item;`);
  }
  const close = `try{(${$}=${it}.close())===${suspend}?yield:0}catch(${e}){if(!${it}.failed)throw ${e}}`;
  c.close(body.end, `${closing}}catch(${e}){${it}.failed=true;throw ${e}}finally{if(${it}.open)${close}}}`);
}
