import type { Class, Function, MethodDefinition, ObjectExpression, ObjectProperty } from "oxc-parser";
import type { Compilation } from "./compilation.ts";
import { computedKey } from "./syntax/computed-key.ts";
import type { Frame } from "./frame.ts";
import { keyName } from "./syntax/function-name.ts";
import { inPlace } from "./functions.ts";
import { lengthOf, parameterList, writeParameters } from "./reentry/parameters.ts";
import { expectToken, findModifier, skipTrivia } from "./syntax/trivia.ts";
import { wrapperOf } from "./wrapper.ts";

/** The text that has the methods of one class or object made coroutine functions, in the order of the methods. */
export type MethodCalls = string[];

/**
 * A method of a class: `async m(a){…}`  →  `*m(a){…}`, and a static block in front that has the runtime replace it:
 * `static{method(this.prototype,"m",1)}`. `super`, `this` and `arguments` stay what they are.
 *
 * A private method cannot be replaced, and a decorator must see the coroutine function: these become a function beside
 * a private generator, `#m($0){return coro(this.#m$($0),this.#m$,1)}*#m$(a){…}`.
 */
export function compileClassMethod(c: Compilation, member: MethodDefinition, frame: Frame, calls: MethodCalls): void {
  const { key } = member;
  const value = frame.node as Function;
  const from = member.decorators.at(-1)?.end ?? member.start;
  const asyncAt = findModifier(c.code, from, key.start, "async");
  if (!isReplaced(member)) return compileBesideGenerator(c, member, frame, asyncAt);

  const { reentry } = frame;
  const first = asyncAt === skipTrivia(c.code, member.start);
  const star = value.generator || reentry !== null ? "" : "*";
  c.replace(asyncAt, asyncAt + "async".length, `${first ? ";" : ""}${star}`);
  const name = keyName(key, member.computed);
  const target = member.static ? "this" : "this.prototype";
  const keyText = name === "computed" ? computedKey(c, member) : JSON.stringify(name.text);
  calls.push(`${replacing(c, frame, target, keyText)};`);
}

/** The call that has the runtime replace a method, whose parameters become those of what it calls. */
function replacing(c: Compilation, frame: Frame, target: string, key: string): string {
  const value = frame.node as Function;
  const given = `${target},${key},${frame.cleanup}`;
  if (frame.reentry === null) return `${c.rt(value.generator ? "agenMethod" : "method")}(${given})`;
  writeParameters(c, value, frame.reentry, openingOf(c, value));
  return `${c.rt("frameMethod")}(${given},${lengthOf(value)})`;
}

/** A private method cannot be replaced by the runtime, and a decorator must see the coroutine function. */
export function isReplaced({ key, decorators }: MethodDefinition): boolean {
  return key.type !== "PrivateIdentifier" && decorators.length === 0;
}

/** The name of the private method that does the work of one that is not replaced. */
export function nameBeside(c: Compilation, member: MethodDefinition): string {
  const name = keyName(member.key, member.computed);
  const base = name === "computed" ? "computed" : name.text.replace(/^#/, "").replace(/[^\p{ID_Continue}$]/gu, "_");
  return `#${c.names.fresh(`${/^\p{ID_Start}|^[$_]/u.test(base) ? "" : "_"}${base}$`)}`;
}

/** The offset behind the opening parenthesis of a method. */
function openingOf(c: Compilation, value: Function): number {
  return expectToken(c.code, value.typeParameters?.end ?? value.start, "(") + 1;
}

function compileBesideGenerator(c: Compilation, member: MethodDefinition, frame: Frame, asyncAt: number): void {
  const value = frame.node as Function;
  const name = keyName(member.key, member.computed);
  const generator = frame.beside!;
  const { parameters, call } = wrapperOf(c, frame, `this.${generator}`, "member");
  c.knownCalls.ofMethods.compiled(value, generator, frame.cleanup);
  c.replace(asyncAt, asyncAt + "async".length, "");
  if (value.generator) {
    const star = skipTrivia(c.code, asyncAt + "async".length);
    c.replace(star, star + 1, "");
  }
  const keyEnd = member.computed ? expectToken(c.code, member.key.end, "]") + 1 : member.key.end;
  const optionalAt = skipTrivia(c.code, keyEnd);
  if (c.code[optionalAt] === "?") c.replace(optionalAt, optionalAt + 1, "");
  if (name !== "computed") c.functionNames.set(member.key.start + (name.text.startsWith("#") ? 1 : 0), name.text);
  const { reentry } = frame;
  const modifier = member.static ? "static " : "";
  if (reentry === null) return c.close(keyEnd, `(${parameters}){return ${call}}${modifier}*${generator}`);
  if (reentry.unpacks)
    return c.open(value.body!.start, `{return ${call}}${modifier}${generator}(${parameterList(c, reentry)})`);
  c.close(keyEnd, `(${parameters}){return ${call}}${modifier}${generator}`);
  writeParameters(c, value, reentry, openingOf(c, value));
}

/** The static block goes first: static fields may call the methods already. */
export function compileMethodCalls(c: Compilation, node: Class, calls: MethodCalls): void {
  if (calls.length > 0) c.close(node.body.start + 1, `static{${calls.join("")}}`);
}

/**
 * A method of an object: `async m(a){…}`  →  `m:(($g)=>mark(({m($0){…}}).m))(function*m$(a){…})`.
 * One that uses `super` must stay a method: `*m(a){…}`, and the runtime replaces it in the finished object.
 */
export function compileObjectMethod(c: Compilation, property: ObjectProperty, frame: Frame, calls: MethodCalls): void {
  const value = frame.node as Function;
  const asyncAt = skipTrivia(c.code, property.start);
  const asyncEnd = asyncAt + "async".length;
  const name = keyName(property.key, property.computed);
  if (frame.usesSuper) {
    const key = name === "computed" ? computedKey(c, property) : JSON.stringify(name.text);
    c.replace(asyncAt, asyncEnd, value.generator || frame.reentry !== null ? "" : "*");
    calls.push(replacing(c, frame, "$o", key));
    return;
  }
  c.replace(asyncAt, asyncEnd, "");
  if (value.generator) {
    const star = skipTrivia(c.code, asyncEnd);
    c.replace(star, star + 1, "");
  }
  // As the name of a property it would set the prototype.
  const { key } = property;
  if (!property.computed && name !== "computed" && name.text === "__proto__")
    c.replace(key.start, key.end, '["__proto__"]');
  const { before, again, behind } = inPlace(c, frame, name, "method");
  if (name !== "computed") c.functionNames.set(property.key.start, name.text);
  if (frame.reentry?.unpacks) {
    c.open(value.start, `:${before}`);
    c.open(value.body!.start, again);
  } else {
    c.open(value.start, `:${before}${again}`);
    if (frame.reentry !== null) writeParameters(c, value, frame.reentry, openingOf(c, value));
  }
  c.close(value.end, behind);
}

export function compileObjectMethodCalls(c: Compilation, node: ObjectExpression, calls: MethodCalls): void {
  if (calls.length === 0) return;
  c.open(node.start, `(($o)=>(${calls.join(",")},$o))(`);
  c.close(node.end, ")");
}
