import type { ArrowFunctionExpression, Expression, Function } from "oxc-parser";
import { arrowOf } from "./syntax/arrow.ts";
import { guardStatementStart, handOn } from "./awaits.ts";
import { borrowedAround } from "./borrow.ts";
import type { Compilation } from "./compilation.ts";
import type { AnyFunction, Frame } from "./frame.ts";
import { computedKeyAround } from "./syntax/computed-key.ts";
import { type FunctionName, inferredName, isIdentifier } from "./syntax/function-name.ts";
import { isPlain } from "./syntax/plain.ts";
import { parameterList, writeParameters } from "./reentry/parameters.ts";
import { beginning, functionsBack, holdReturned } from "./reentry/reenter.ts";
import { returnBlock } from "./returns.ts";
import type { Scope } from "./scope.ts";
import { expectToken, skipTrivia } from "./syntax/trivia.ts";
import { tailWrapperOf, wrapperOf } from "./wrapper.ts";

/**
 * A declaration: `async function f(a){…}`  →  `function f($0){return coro(f$($0),f$,1)}function*f$(a){…}`
 *
 * Both are hoisted as the original was. No generator function is made per call, which V8 makes dear at its first call.
 */
export function compileDeclaration(c: Compilation, frame: Frame): void {
  const node = frame.node as Function;
  const asyncEnd = node.start + "async".length;
  const star = node.generator ? starOf(c, node) : undefined;
  if (star !== undefined) c.replace(star, star + 1, "");
  const scope = c.scopes[c.scopes.length - 1]!;
  if (node.id === null) {
    const name = c.names.fresh("$default");
    const generator = c.names.generator("default");
    const { parameters, call } = wrapperOf(c, frame, generator, "free");
    const exported = c.parent()!;
    const functionAt = expectToken(c.code, asyncEnd, "function");
    c.replace(exported.start, exported.start + "export".length, `export{${name} as default};`);
    const defaultAt = expectToken(c.code, exported.start + "export".length, "default");
    c.replace(defaultAt, defaultAt + "default".length, "");
    c.functionNames.set(functionAt, "default");
    c.replace(node.start, asyncEnd, "");
    c.close(functionAt + "function".length, ` ${name}(${parameters}){return ${call}}function*${generator}`);
    scope.marks.push(`Object.defineProperty(${marked(c, node, name)},"name",{value:"default",configurable:true});`);
    return;
  }
  const generator = c.names.generator(node.id.name);
  const { parameters, call } = wrapperOf(c, frame, generator, "free");
  c.functionNames.set(node.id.start, node.id.name);
  c.knownCalls.compiled(node, generator, frame.cleanup);
  c.replace(node.start, asyncEnd, "");
  const { reentry } = frame;
  if (reentry?.unpacks) c.open(node.body!.start, `{return ${call}}function ${generator}(${parameterList(c, reentry)})`);
  else {
    const star = frame.tail || reentry !== null ? " " : "*";
    c.close(node.id.end, `(${parameters}){return ${call}}function${star}${generator}`);
    if (reentry !== null)
      writeParameters(c, node, reentry, expectToken(c.code, (node.typeParameters ?? node.id).end, "(") + 1);
  }
  if (!node.generator) scope.marks.push(`${marked(c, node, node.id.name)};`);
}

/** What gives coroutines is marked as such; an async generator function is none, as in Python. */
function marked(c: Compilation, node: { readonly generator: boolean }, fn: string): string {
  return node.generator ? fn : `${c.rt("mark")}(${fn})`;
}

/**
 * An expression: `async function(a){…}`  →  `(($g)=>mark(({name($0){return coro($g($0),$g,1)}}).name))(function*name$(a){…})`
 *
 * A concise method has no prototype and is no constructor, as an async function. Where the body uses the function's own
 * name, that name is a constant around it.
 */
export function compileFunctionExpression(c: Compilation, frame: Frame): void {
  const node = frame.node as Function;
  const asyncEnd = node.start + "async".length;
  const functionAt = expectToken(c.code, asyncEnd, "function");
  if (node.generator) {
    const star = starOf(c, node);
    c.replace(star, star + 1, "");
  }
  c.replace(node.start, asyncEnd, "");
  if (node.id !== null) {
    c.replace(node.id.start, node.id.end, "");
    if (frame.usesOwnName) return compileSelfReference(c, frame, functionAt, node.id.name);
  }
  const name: FunctionName = node.id === null ? inferredName(c.path, node) : { text: node.id.name };
  const { before, again, behind } = inPlace(c, frame, name, "method");
  const functionEnd = functionAt + "function".length;
  nameFunction(c, functionAt, name);
  if (frame.reentry?.unpacks) {
    c.replace(functionAt, functionEnd, before);
    c.open(node.body!.start, again);
  } else {
    c.replace(functionAt, functionEnd, `${before}${again}`);
    if (frame.reentry !== null) {
      const opening = expectToken(c.code, (node.typeParameters ?? node.id)?.end ?? functionEnd, "(") + 1;
      writeParameters(c, node, frame.reentry, opening);
    }
  }
  c.close(node.end, behind);
  guardStatementStart(c, node);
}

function compileSelfReference(c: Compilation, frame: Frame, functionAt: number, name: string): void {
  const generator = c.names.generator(name);
  const { parameters, call } = wrapperOf(c, frame, generator, "free");
  const made = marked(c, frame.node as Function, `({${name}(${parameters}){return ${call}}}).${name}`);
  c.functionNames.set(functionAt, name);
  c.open(functionAt, `(()=>{const ${name}=${made};return ${name};`);
  c.close(functionAt + "function".length, `*${generator}`);
  c.close(frame.node.end, "})()");
}

/** An arrow: `async (a) => e`  →  `(($g)=>mark(({name:($0)=>coro($g($0),$g,1)}).name))(function*name$(a){return await e})` */
export function compileArrow(c: Compilation, frame: Frame): void {
  const node = frame.node as ArrowFunctionExpression;
  const name = inferredName(c.path, node);
  const { before, again, behind } = inPlace(c, frame, name, "arrow");
  nameFunction(c, node.start, name);
  const [outside, inside] = borrowedAround(frame);
  const asyncEnd = node.start + "async".length;
  const parametersAt = skipTrivia(c.code, asyncEnd);
  const arrowAt = arrowOf(c.code, node);

  const { reentry } = frame;
  const block = node.body.type === "BlockStatement";
  if (reentry?.unpacks) {
    c.replace(node.start, asyncEnd, `${outside}${before}`);
    if (block) c.open(node.body.start, again);
    else c.replace(arrowAt, arrowAt + 2, `=>${again}{`);
  } else {
    c.replace(node.start, asyncEnd, `${outside}${before}${again}`);
    const bare = c.code[parametersAt] !== "(" && c.code[parametersAt] !== "<";
    if (reentry !== null) {
      const at = node.typeParameters?.end ?? parametersAt;
      writeParameters(c, node, reentry, bare ? parametersAt : expectToken(c.code, at, "(") + 1);
    }
    if (bare) {
      c.open(parametersAt, "(");
      c.close(node.params[0]!.end, ")");
    }
    c.replace(arrowAt, arrowAt + 2, block ? "" : "{");
  }
  c.close(node.end, `${block ? "" : "}"}${behind}${inside}`);
  guardStatementStart(c, node);
}

/** The body of an arrow that is an expression, when it has been visited. */
export function compileExpressionBody(c: Compilation, frame: Frame, scope: Scope): void {
  const node = frame.node as ArrowFunctionExpression;
  const body = node.body as Expression;
  const [before] = compileBody(c, frame, scope);
  if (frame.reentry === null) return c.open(body.start, `${before}return `);
  // What is waited for in front of it comes between. Where it begins with an await, that is moved behind the arrow.
  c.close(arrowOf(c.code, node) + "=>".length, before);
  c.open(body.start, "return ");
  holdReturned(c, frame.reentry, body);
}

/** An arrow that stays one, see `isTail`. */
export function compileTailArrow(c: Compilation, frame: Frame): void {
  const { node } = frame;
  const [f, g] = [c.name("$f"), c.name("$g")];
  const [outside, inside] = borrowedAround(frame);
  const { parameters, call } = tailWrapperOf(c, frame, f, g);
  const { open, close } = named(c, inferredName(c.path, node), "arrow");
  const made = `${c.rt("mark")}(${open}(${parameters})=>${call}${close})`;
  c.replace(node.start, node.start + "async".length, `${outside}((${f},${g})=>${g}=${made})(`);
  c.close(node.end, `)${inside}`);
  guardStatementStart(c, node);
}

function nameFunction(c: Compilation, offset: number, name: FunctionName): void {
  if (name !== "computed" && name.text !== "") c.functionNames.set(offset, name.text);
}

/**
 * The function made where it stands, around its generator, or around what is called again to go on: `before` and `again`
 * stand in front of that, or on both sides of its parameters where these are unpacked when it is called.
 */
export function inPlace(
  c: Compilation,
  frame: Frame,
  name: FunctionName,
  kind: "arrow" | "method",
): { before: string; again: string; behind: string } {
  const g = c.name("$g");
  const { reentry } = frame;
  const { parameters, call } = wrapperOf(c, frame, g, "free");
  const { open, close, generator } = named(c, name, kind);
  const [mark, marked] = (frame.node as AnyFunction).generator ? ["", ""] : [`${c.rt("mark")}(`, ")"];
  const before = `((${g})=>${mark}${open}`;
  const body = `${kind === "arrow" ? call : `{return ${call}}`}${close}${marked})(`;
  if (reentry?.unpacks)
    return { before, again: `${body}function ${generator}(${parameterList(c, reentry)})`, behind: ")" };
  return {
    before: `${before}(${parameters})${kind === "arrow" ? "=>" : ""}${body}`,
    again: `function${reentry === null ? "*" : " "}${generator}`,
    behind: ")",
  };
}

/** What stands around a function that has no name of its own and gets one, and the name for its generator. */
function named(
  c: Compilation,
  name: FunctionName,
  kind: "arrow" | "method",
): { open: string; close: string; generator: string } {
  const colon = kind === "arrow" ? ":" : "";
  if (name === "computed") {
    const key = computedKeyAround(c);
    return { open: `({[${key}]${colon}`, close: `})[${key}]`, generator: "" };
  }
  const { text } = name;
  if (text === "" && kind === "arrow") return { open: "", close: "", generator: "" };
  if (isIdentifier(text) && text !== "__proto__")
    return { open: `({${text}${colon}`, close: `}).${text}`, generator: c.names.generator(text) };
  const key = `[${JSON.stringify(text)}]`;
  return { open: `({${key}${colon}`, close: `})${key}`, generator: "" };
}

/** What is written at the beginning and at the end of a compiled body. */
export function compileBody(
  c: Compilation,
  frame: Frame,
  scope: Scope | undefined,
): readonly [before: string, behind: string] {
  const node = frame.node as AnyFunction;
  let [before, behind] = ["", ""];
  const { body } = node;
  if (body !== null && body.type !== "BlockStatement" && !isPlain(body)) handOn(c, body);
  if (frame.usesReturnBlock) [before, behind] = returnBlock(c);
  const variables = [...(scope?.variables ?? [])];
  if (frame.usesTemporary) variables.unshift(c.name("$"));
  if (frame.usesReturnBlock) variables.push(c.name("$return"));
  if (variables.length > 0) before = `let ${variables.join(",")};${before}`;
  if (frame.reentry !== null) before = beginning(c, frame.reentry) + before + functionsBack(c, frame.reentry);
  return [before, behind];
}

function starOf(c: Compilation, node: Function): number {
  return expectToken(c.code, expectToken(c.code, node.start + "async".length, "function") + "function".length, "*");
}
