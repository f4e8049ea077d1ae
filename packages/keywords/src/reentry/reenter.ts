import type {
  AwaitExpression,
  ConditionalExpression,
  Expression,
  ForOfStatement,
  Node,
  ReturnStatement,
  TryStatement,
  VariableDeclaration,
  VariableDeclarator,
} from "oxc-parser";
import type { Compilation } from "../compilation.ts";
import { compound, entering, guardText, guarding, moveInFront, naming, reading, temporary } from "./in-front.ts";
import { inSlots, SLOTS, THIS } from "./kept-variables.ts";
import { askInBody } from "./loop-condition.ts";
import type { Reentry } from "./reentry.ts";
import type { Front } from "./steps.ts";
import { expectToken } from "../syntax/trivia.ts";

/** Writes what a node of a re-entered function becomes when it is left, see `Reentry`. */
export function reenter(c: Compilation, reentry: Reentry, node: Node): void {
  const at = c.name("$at");
  if (node.type === "VariableDeclaration" && reentry.declarations.has(node)) assign(c, reentry, node);
  else if (node.type === "VariableDeclarator" && reentry.declarations.has(c.parent() as VariableDeclaration))
    assignOne(c, node);
  else if (reentry.beginnings.has(node)) {
    c.open(node.start, `${at}===0&&(`);
    c.close(node.end, ")");
  } else if (node.type === "AssignmentExpression") compound(c, reentry, node);
  else if (node.type === "ReturnStatement" && reentry.choices.has(node)) choose(c, reentry, node);
  else if (node.type === "BlockStatement" && reentry.finalizers.has(node)) {
    c.replace(node.start, node.start + 1, `{if(${at}>=0){`);
    c.open(node.end - 1, "}");
  } else if (node.type === "TryStatement") handle(c, reentry, node);
  if (node.type === "ForOfStatement") iterate(c, reentry, node);
  else if (node.type === "WhileStatement" || node.type === "DoWhileStatement" || node.type === "ForStatement")
    askInBody(c, reentry, node);
  const way = reentry.conditions.get(node);
  if (way !== undefined) {
    c.open(node.start, way === "in" ? `${at}!==0||(` : way === "else" ? `${at}===0&&(` : `${at}===0?(`);
    c.close(node.end, typeof way === "number" ? `):${at}<=${way}` : ")");
  }
  enclose(c, reentry, node);
  moveInFront(c, reentry, node);
  if (reentry.firsts.has(node)) c.open(node.start, `if(${at}===0){`);
  if (reentry.lasts.has(node)) c.close(node.end, "}");
}

/** A statement that holds awaits becomes a block, and is passed by on the way to a later await. */
function enclose(c: Compilation, reentry: Reentry, node: Node): void {
  const passed = reentry.passed.get(node);
  const guard = passed === undefined ? "" : `if(${c.name("$at")}<=${passed})`;
  const front = reentry.fronts.get(node);
  if (front !== undefined && STATEMENTS.test(node.type)) return hold(c, node, front, `${guard}{`);
  if (guard === "") return;
  c.open(node.start, `${guard}{`);
  c.close(node.end, "}");
}

const STATEMENTS = /Statement$|Declaration$|Declarator$/;

function hold(c: Compilation, node: Node, { start, named }: Front, before: string): void {
  c.openMoved(start, before);
  c.close(node.end, named.length > 0 ? "}}" : "}");
}

/** An expression that is returned, and may not be a statement. */
export function holdReturned(c: Compilation, reentry: Reentry, node: Expression): void {
  const front = reentry.fronts.get(node);
  if (front !== undefined) hold(c, node, front, "{");
}

/**
 * `await e`  →  `if($at===0){if(typeof($=enter(e))==="symbol"&&$===SUSPEND)return $at=-1,leave($F,f$,1,2,x)}else{$at=0;if($h!==0){if($h===1)throw $v;return $v}$=$v}`,
 * in front of the statement that it stands in, where `$` takes its place.
 */
export function awaitInFront(c: Compilation, reentry: Reentry, node: AwaitExpression): void {
  const { argument } = node;
  const place = reentry.places.get(node);
  if (place === undefined) {
    const [open, close] = handingOn(c, argument);
    c.replace(node.start, node.start + "await".length, open);
    return c.close(node.end, close);
  }
  const { number, front, alone, passed, kept, guards, loops } = place;
  const [$, at, value, mode] = [c.name("$"), c.name("$at"), c.name("$v"), c.name("$h")];
  const enter = c.rt(c.knownCalls.entering(c, argument));
  const before = `${place.isEntered ? "" : entering(c, place)}${reading(c, place.reads)}if(${guards.length > 0 ? `${guardText(c, guards)}&&` : ""}typeof(${$}=${enter}(`;
  let behind = `))==="symbol"&&${$}===${c.rt("SUSPEND")})return ${at}=-1,${staying(c, loops)}${leaving(c, reentry, number)}}else{${at}=0;if(${mode}!==0){if(${mode}===1)throw ${value};return ${value}}${alone ? "" : `${$}=${value}`}}`;
  if (kept !== null) behind += `${guarding(c, guards)}${temporary(c, kept)}=${place.asString ? `\`\${${$}}\`` : $}`;
  if (passed) behind += "}";
  c.close(argument.end, behind + naming(c, place.named));
  if (alone) return c.replace(node.start, node.start + "await".length, before);
  // The first letter of "await" goes to the front, so that what waits there is mapped to this place.
  c.replace(node.start, node.start + 1, before);
  c.replace(node.start + 1, node.start + "await".length, kept === null ? $ : temporary(c, kept));
  c.move(node.start, node.start + 1, front, "behind");
  c.move(argument.start, argument.end, front, "before");
}

/** The two halves of what `return e` becomes, around the expression. */
export function handingOn(c: Compilation, expression: Expression): readonly [before: string, behind: string] {
  return halves(c, c.rt(c.knownCalls.entering(c, expression)));
}

/** The same for a variable. */
export function handedOn(c: Compilation, variable: string): string {
  return halves(c, c.rt("enter")).join(variable);
}

function halves(c: Compilation, entering: string): readonly [before: string, behind: string] {
  return [`${c.rt("handOn")}(${entering}(`, `),${c.name("$F")},${selfOf(c)})`];
}

/** The name of the function that is being visited; one without a name is never called without its frame. */
function selfOf(c: Compilation): string {
  const { node, beside } = c.frame;
  if (beside !== undefined) return `this.${beside}`;
  return node.type === "FunctionDeclaration" ? c.names.generator(node.id!.name) : "0";
}

function keptBy(c: Compilation, { variables, temporaries }: Reentry): readonly string[] {
  return [...variables, ...Array.from({ length: temporaries }, (_, i) => temporary(c, i))];
}

function leaving(c: Compilation, reentry: Reentry, place: number): string {
  const kept = inSlots(keptBy(c, reentry));
  return `${c.rt(c.frame.beside === undefined ? "leave" : "leaveMethod")}(${[c.name("$F"), selfOf(c), reentry.cleanup, place, ...kept].join(",")})`;
}

/** The loops over iterators that are left only to wait. */
function staying(c: Compilation, loops: readonly number[]): string {
  return loops.length === 0 ? "" : `${loops.map((kept) => `${temporary(c, kept)}.stays=`).join("")}!0,`;
}

/** `for (const x of e)`  →  `for (const x of $at===0?($t=loop(e)):$t)` */
function iterate(c: Compilation, { iterations }: Reentry, node: ForOfStatement): void {
  const kept = iterations.get(node);
  if (kept === undefined) return;
  const variable = temporary(c, kept);
  c.open(node.right.start, `${c.name("$at")}===0?(${variable}=${c.rt("loop")}(`);
  c.close(node.right.end, `)):${variable}`);
}

/** `try {a} catch (e) {b}`  →  `{try {if(!($=$at>1)){a;$=!1}} catch (e) {$t=e;$=!0}if($){const e=$t;b}}` */
function handle(c: Compilation, { handlers }: Reentry, node: TryStatement): void {
  const handler = handlers.get(node);
  if (handler === undefined) return;
  const { block } = node;
  const { param, body, end } = node.handler!;
  const $ = c.name("$");
  c.open(node.start, node.finalizer === null ? "{" : "try{");
  c.replace(block.start, block.start + 1, `{if(!(${$}=${c.name("$at")}>${handler.before})){`);
  c.open(block.end - 1, `;${$}=!1}`);
  let [keeping, naming] = ["", ""];
  if (handler.kept !== null) {
    const { name } = param as { name: string };
    const kept = temporary(c, handler.kept);
    [keeping, naming] = [`${kept}=${name};`, `const ${name}=${kept};`];
  }
  c.replace(body.start, body.start + 1, `{${keeping}${$}=!0}if(${$}){${naming}`);
  c.close(end, "}");
}

/** What is written at the beginning of the body: the variables, and how they are brought back. */
export function beginning(c: Compilation, reentry: Reentry): string {
  const { parameters, defaults, functions } = reentry;
  const [frame, at, value, mode] = [c.name("$F"), c.name("$at"), c.name("$v"), c.name("$h")];
  const kept = keptBy(c, reentry);
  const locals = [`${at}=0`, c.name("$"), ...kept.slice(parameters.length).filter((name) => !functions.includes(name))];
  let back = `${at}=${frame}.place;`;
  const first = parameters[0] === THIS ? 1 : 0;
  if (parameters.length > first) {
    locals.push(value);
    back += `${value}=${kept[first]};`;
  }
  if (parameters.length > first + 1) {
    locals.push(mode);
    back += `${mode}=${kept[first + 1]};`;
  }
  const slots = kept.length <= SLOTS ? kept.length : SLOTS - 1;
  for (let i = first; i < slots; i++) if (!functions.includes(kept[i]!)) back += `${kept[i]}=${frame}.s${i};`;
  if (slots < kept.length) {
    const more = c.name("$m");
    const rest = kept.slice(slots).map((name, i) => (functions.includes(name) ? "" : `${name}=${more}[${i}];`));
    const last = parameters.length === SLOTS ? `else ${kept[slots]}=${frame}.s${slots};` : "";
    const some = parameters.length > SLOTS ? "" : `if(${at}!==0)`;
    back += `${some}{const ${more}=${frame}.s${slots};${rest.join("")}}${last}`;
  }
  const given = defaults.map(
    ({ name, value: { start, end } }) => `if(${name}===void 0)${name}=${c.code.slice(start, end)};`,
  );
  const atFirst = given.length === 0 ? "" : `if(${at}===0){${given.join("")}}`;
  return `let ${locals.join(",")};if(${frame}!==undefined){${back}}${atFirst}`;
}

/** How the functions come back that the body declares: behind the label that may be around it. */
export function functionsBack(c: Compilation, reentry: Reentry): string {
  const { functions } = reentry;
  if (functions.length === 0) return "";
  const kept = keptBy(c, reentry);
  const slots = kept.length <= SLOTS ? kept.length : SLOTS - 1;
  const back = functions.map((name) => {
    const i = kept.indexOf(name);
    return `${name}=${c.name("$F")}.s${i < slots ? i : `${slots}[${i - slots}]`};`;
  });
  return `if(${c.name("$at")}!==0){${back.join("")}}`;
}

/** `const x: T = e`  →  `x = e`; in the head of a loop `$at===0&&(x = e)` */
function assign(c: Compilation, { beginnings, severed }: Reentry, node: VariableDeclaration): void {
  const inHead = beginnings.has(node);
  const [first, ...others] = node.declarations;
  const isPattern = first!.id.type !== "Identifier";
  c.replace(node.start, node.start + node.kind.length, inHead ? `${c.name("$at")}===0&&(` : isPattern ? ";" : "");
  if (inHead) c.close(node.end, ")");
  if (!severed.has(node)) return;
  let { end } = first!;
  for (const other of others) {
    const comma = expectToken(c.code, end, ",");
    c.replace(comma, comma + 1, ";");
    end = other.end;
  }
}

function assignOne(c: Compilation, { id, init, end }: VariableDeclarator): void {
  if (id.type === "Identifier") {
    const nameEnd = id.start + id.name.length;
    if (id.end > nameEnd) c.replace(nameEnd, id.end, "");
  } else {
    if (id.typeAnnotation) c.replace(id.typeAnnotation.start, id.typeAnnotation.end, "");
    c.open(id.start, "(");
    c.close(end, ")");
  }
  if (init === null) c.close(id.end, "=void 0");
}

/** `return test ? a : b`  →  `{if(test)return a;else return b}`, with what a branch waits for in front of it. */
function choose(c: Compilation, reentry: Reentry, node: ReturnStatement): void {
  const { test, consequent, alternate } = node.argument as ConditionalExpression;
  c.replace(node.start, node.start + "return".length, "{if(");
  const question = expectToken(c.code, test.end, "?");
  c.replace(question, question + 1, ")");
  const colon = expectToken(c.code, consequent.end, ":");
  c.replace(colon, colon + 1, reentry.fronts.has(consequent) ? "else " : ";else ");
  for (const branch of [consequent, alternate]) {
    c.open(branch.start, "return ");
    holdReturned(c, reentry, branch);
  }
  c.close(node.end, "}");
}
