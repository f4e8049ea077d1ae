import type { Node } from "oxc-parser";
import { disposalBlock } from "./await-using.ts";
import type { Compilation } from "./compilation.ts";
import { CLOSE, THROW } from "./frame.ts";
import { disposes, disposesAsync, Scope } from "./scope.ts";

/**
 * Visits a statement list and writes at its beginning what its functions and declarations need: the marks of hoisted
 * coroutine functions, variables of the compiler, the block around an `await using`.
 *
 * @param atStart gives what comes before all of that, and what closes it behind the list; asked for when the list has been visited
 */
export function visitList(
  c: Compilation,
  node: Node,
  body: Scope["body"],
  isBody: boolean,
  atStart?: (scope: Scope) => readonly [before: string, behind: string],
): void {
  const asyncUsing = c.frame.compiled && disposesAsync(body);
  const scope = new Scope(node, body, { isBody, disposes: asyncUsing });
  c.scopes.push(scope);
  const region = { cleanup: asyncUsing ? THROW : CLOSE, returns: true } as const;
  c.within(disposes(body) ? [region] : [], () => {
    for (const statement of body) c.visit(statement);
  });
  if (asyncUsing) c.frame.cleanup = THROW;
  c.scopes.pop();

  let [before, behind] = atStart?.(scope) ?? ["", ""];
  if (asyncUsing) {
    const [open, close] = disposalBlock(c);
    before += open;
    behind = close + behind;
  }
  before += scope.marks.join("");
  if (scope.start === undefined) return;
  // What a re-entered function waits for is moved in front of its statement: this comes before that, too.
  if (before !== "" && c.frame.reentry !== null) c.close(scope.behindDirectives, before);
  else if (before !== "") c.open(scope.start, before);
  if (behind !== "") c.close(node.end - 1, behind);
}
