import type { ForOfStatement, ForStatement, VariableDeclaration } from "oxc-parser";
import type { Compilation } from "./compilation.ts";
import { takeLabels } from "./syntax/labels.ts";
import { expectToken } from "./syntax/trivia.ts";

/** The text around statements that hold an `await using`: a stack, and its unwinding when they are left. */
export function disposalBlock(c: Compilation): readonly [before: string, behind: string] {
  const [d, e] = [c.name("$disposal"), c.name("$e")];
  return [`const ${d}=${c.rt("disposal")}();try{`, `}catch(${e}){${d}.fail(${e})}finally{yield*${d}.unwind()}`];
}

/** In such a block: `await using x = e`  →  `const x = $disposal.useAsync(e)`, `using x = e`  →  `const x = $disposal.use(e)` */
export function compileUsing(c: Compilation, node: VariableDeclaration): void {
  replaceKeyword(c, node);
  const use = node.kind === "await using" ? "useAsync" : "use";
  for (const { init } of node.declarations) {
    if (init === null) continue;
    c.open(init.start, `${c.name("$disposal")}.${use}(`);
    c.close(init.end, ")");
  }
}

/** `for (await using x = e; …; …) body`: the block is around the whole loop. */
export function compileUsingInFor(c: Compilation, node: ForStatement): void {
  compileUsing(c, node.init as VariableDeclaration);
  const [before, behind] = disposalBlock(c);
  c.open(node.start, `{${before}${takeLabels(c)}`);
  c.close(node.end, `${behind}}`);
}

/** `for (await using x of source) body`: the block is around each body. */
export function compileUsingInForOf(c: Compilation, node: ForOfStatement): void {
  const left = node.left as VariableDeclaration;
  const name = c.code.slice(left.declarations[0]!.id.start, left.declarations[0]!.id.end);
  replaceKeyword(c, left);
  const [before, behind] = disposalBlock(c);
  c.open(node.body.start, `{${before}${c.name("$disposal")}.useAsync(${name});`);
  c.close(node.body.end, `${behind}}`);
}

/** `for await (await using x of source)`: writes the declaration with its value, and gives what closes the block behind the body. */
export function usingOfLoop(c: Compilation, left: VariableDeclaration, value: string): string {
  const [before, behind] = disposalBlock(c);
  replaceKeyword(c, left);
  c.open(left.start, before);
  c.close(left.end, `=${c.name("$disposal")}.useAsync(${value});`);
  return behind;
}

function replaceKeyword(c: Compilation, node: VariableDeclaration): void {
  const using = node.kind === "using" ? node.start : expectToken(c.code, node.start + "await".length, "using");
  c.replace(node.start, using + "using".length, "const");
}
