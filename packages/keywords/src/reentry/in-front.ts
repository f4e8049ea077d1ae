import type { AssignmentExpression, Node } from "oxc-parser";
import { bare } from "../syntax/bare.ts";
import type { Compilation } from "../compilation.ts";
import type { Reentry } from "./reentry.ts";
import type { Guard, Moved, Part, Place, Read } from "./steps.ts";
import { expectToken } from "../syntax/trivia.ts";

/** What is evaluated in front of its statement, before an await: it is kept, and what kept it stands in its place. */
export function moveInFront(c: Compilation, { moved, replaced }: Reentry, node: Node): void {
  const read = replaced.get(node);
  if (read !== undefined) {
    const variable = temporary(c, read.kept);
    c.replace(node.start, node.end, read.shorthand ? `${(node as { name: string }).name}:${variable}` : variable);
  }
  const step = moved.get(node);
  if (step === undefined) return;
  const variable = temporary(c, step.kept);
  const before =
    (step.enters === null ? "" : entering(c, step.enters)) + reading(c, step.reads) + guarding(c, step.guards);
  if (step.kind === "called") return moveCallee(c, step, node, before);
  for (const part of [step.object, step.key]) if (part !== null) keepPart(c, part);
  const [open, close, inPlace] = AROUND[step.kind];
  c.open(node.start, `${before}${variable}=${open}`);
  c.close(node.end, `${close};`);
  c.move(node.start, node.end, step.front, "behind", inPlace === null ? "" : inPlace + variable);
}

/** What stands around an expression where it is evaluated, and before the variable in its place. */
const AROUND = {
  value: ["", "", ""],
  string: ["`${", "}`", ""],
  elements: ["[", "]", "..."],
  properties: ["{", "}", "..."],
  updated: ["", "", null],
} as const;

/** `o.m(await e)`  →  `$t=callable(o.m,"o.m");` … `invoke($t,o,$)`. Its last letter stays, so that the call is mapped to its place. */
function moveCallee(c: Compilation, step: Moved, node: Node, before: string): void {
  const { call, object, kept, text, front } = step;
  const end = node.end - 1;
  if (object !== null) keepPart(c, object);
  c.open(node.start, `${before}${temporary(c, kept)}=${c.rt("callable")}(`);
  c.close(end, `${c.code[end]},${JSON.stringify(text)});`);
  const { typeArguments } = call!;
  if (typeArguments) c.replace(typeArguments.start, typeArguments.end, "");
  if (object === null) c.replace(end, node.end, temporary(c, kept));
  else {
    c.replace(end, node.end, `${c.rt("invoke")}(${temporary(c, kept)},${partText(c, object)}`);
    const parenthesis = expectToken(c.code, (typeArguments ?? node).end, "(");
    c.replace(parenthesis, parenthesis + 1, ",");
  }
  c.move(node.start, end, front, "behind");
}

function keepPart(c: Compilation, { node, kept }: Part): void {
  if (kept === null) return;
  c.open(node.start, `(${temporary(c, kept)}=`);
  c.close(node.end, ")");
}

function partText(c: Compilation, { node, kept }: Part): string {
  if (kept !== null) return temporary(c, kept);
  const { start, end } = bare(node);
  return c.code.slice(start, end);
}

/** `x += await e`  →  `x =$t+( $)`, and in front of it `$t=x;`; `o.x += await e`  →  ` o.x=$t+( $)` behind `$t=o.x;` */
export function compound(c: Compilation, { compounds }: Reentry, node: AssignmentExpression): void {
  const step = compounds.get(node);
  if (step === undefined) return;
  const { left, right, operator } = node;
  let target = "";
  if ("object" in step && left.type === "MemberExpression") {
    const { property } = left;
    target =
      partText(c, step.object!) +
      (step.key !== null ? `[${partText(c, step.key)}]` : `.${c.code.slice(property.start, property.end)}`);
  }
  const operatorAt = expectToken(c.code, left.end, operator);
  c.replace(operatorAt, operatorAt + operator.length, `${target}=${temporary(c, step.kept)}${operator.slice(0, -1)}(`);
  c.close(right.end, ")");
}

/** The condition that what is done before an await, and the await itself, stand behind. */
export function entering(c: Compilation, { passed, number }: Place): string {
  const at = c.name("$at");
  return `${passed ? `if(${at}<=${number}){` : ""}if(${at}===0){`;
}

export function reading(c: Compilation, reads: readonly Read[]): string {
  return reads
    .map(({ name, kept, text, guards }) => {
      const value = text === null ? name : `${c.rt("callable")}(${name},${JSON.stringify(text)})`;
      return `${guarding(c, guards)}${temporary(c, kept)}=${value};`;
    })
    .join("");
}

/** `if($t0&&!$t1)` */
export function guarding(c: Compilation, guards: readonly Guard[]): string {
  return guards.length === 0 ? "" : `if(${guardText(c, guards)})`;
}

export function guardText(c: Compilation, guards: readonly Guard[]): string {
  return guards
    .map(({ kept, when }) => {
      const variable = temporary(c, kept);
      return when === "true" ? variable : when === "false" ? `!${variable}` : `${variable}==null`;
    })
    .join("&&");
}

/** `{const f=$t0,g=$t1;` */
export function naming(c: Compilation, named: readonly Read[]): string {
  if (named.length === 0) return "";
  return `{const ${named.map(({ name, kept }) => `${name}=${temporary(c, kept)}`).join(",")};`;
}

export function temporary(c: Compilation, number: number): string {
  return c.name(`$t${number}`);
}
