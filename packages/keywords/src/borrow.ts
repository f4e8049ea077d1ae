import type { MetaProperty, Node, Super, ThisExpression } from "oxc-parser";
import type { Compilation } from "./compilation.ts";
import type { Borrowed, Frame } from "./frame.ts";

/**
 * A compiled arrow is a generator inside, which has `arguments`, `super` and `new.target` of its own (or none).
 * What the arrow means are those of the function around it: they are handed in from outside, under other names.
 */

/** The frame that owns `this`, and the outermost compiled arrow between it and here. */
function ownerOf(c: Compilation): { owner: Frame; arrow: Frame | undefined } {
  let arrow: Frame | undefined;
  let i = c.frames.length - 1;
  for (; c.frames[i]!.kind === "arrow"; i--) if (c.frames[i]!.compiled) arrow = c.frames[i]!;
  return { owner: c.frames[i]!, arrow };
}

function borrow(c: Compilation, arrow: Frame, what: keyof Borrowed, base: string): string {
  return (arrow.borrowed[what] ??= c.names.fresh(base));
}

/** `this`: compiled arrows are called with it; before `super()` has run it is asked for when it is used. */
export function compileThis(c: Compilation, node: ThisExpression): void {
  const text = useThis(c);
  if (text !== "this") c.replace(node.start, node.end, text);
}

function useThis(c: Compilation): string {
  const { owner, arrow } = ownerOf(c);
  if (arrow !== undefined && owner.derivedClass !== undefined) return `${borrow(c, arrow, "thisValue", "$this")}()`;
  for (let i = c.frames.length - 1; ; i--) {
    const frame = c.frames[i]!;
    frame.usesThis = true;
    if (frame === owner) return "this";
  }
}

/** Says whether `this` is there only once `super()` has run: it cannot be kept then. */
export function thisComesLater(c: Compilation): boolean {
  return c.frames.findLast(({ kind }) => kind !== "arrow")!.derivedClass !== undefined;
}

/** `arguments` as a reference, in shorthand `{arguments}` too. */
export function compileArguments(c: Compilation, node: Node): void {
  const { owner, arrow } = ownerOf(c);
  owner.usesArguments = true;
  if (arrow === undefined || owner.kind === "module") return;
  const name = borrow(c, arrow, "arguments", "$arguments");
  const parent = c.parent();
  if (parent?.type === "Property" && parent.shorthand) c.close(node.end, `:${name}`);
  else c.replace(node.start, node.end, name);
}

export function compileNewTarget(c: Compilation, node: MetaProperty): void {
  const { owner, arrow } = ownerOf(c);
  if (node.meta.name !== "new" || arrow === undefined || owner.kind === "module") return;
  c.replace(node.start, node.end, borrow(c, arrow, "newTarget", "$target"));
}

/** `super.x`, `super.x = y`, `super.x(a)`, `super(a)` */
export function compileSuper(c: Compilation, node: Super): void {
  const { owner, arrow } = ownerOf(c);
  owner.usesSuper = true;
  const parent = c.parent();
  if (arrow === undefined) return;
  if (parent?.type === "CallExpression") {
    c.replace(node.start, node.end, borrow(c, arrow, "superCall", "$superCall"));
    return;
  }
  c.replace(node.start, node.end, borrow(c, arrow, "superProperty", "$super"));
  const member = parent as Node;
  const call = c.parent(1);
  if (call?.type !== "CallExpression" || call.callee !== member) return;
  const self = useThis(c);
  c.close(member.end, call.optional ? "?.call" : ".call");
  const first = call.arguments[0];
  const openAt = c.code.indexOf("(", Math.max(member.end, call.typeArguments?.end ?? 0));
  if (call.optional) c.replace(member.end, c.code.indexOf("?.", member.end) + 2, "");
  c.close(openAt + 1, first === undefined ? self : `${self},`);
}

/** What stands around a compiled arrow that borrows: a function with the other names as parameters, called at once. */
export function borrowedAround(frame: Frame): readonly [before: string, behind: string] {
  const { borrowed } = frame;
  const names: string[] = [];
  const values: string[] = [];
  const add = (name: string | undefined, value: string): void => {
    if (name === undefined) return;
    names.push(name);
    values.push(value);
  };
  add(borrowed.arguments, "arguments");
  add(borrowed.newTarget, "new.target");
  add(borrowed.thisValue, "()=>this");
  add(borrowed.superCall, "(...$0)=>super(...$0)");
  add(borrowed.superProperty, "new Proxy({},{get:($0,$1)=>super[$1],set:($0,$1,$2)=>(super[$1]=$2,true)})");
  return names.length === 0 ? ["", ""] : [`((${names.join(",")})=>`, `)(${values.join(",")})`];
}
