import type {
  AccessorProperty,
  Class,
  Function,
  MethodDefinition,
  Node,
  ObjectExpression,
  ObjectProperty,
  PropertyDefinition,
} from "oxc-parser";
import { thisComesLater } from "./borrow.ts";
import type { Compilation } from "./compilation.ts";
import { type AnyFunction, Frame } from "./frame.ts";
import {
  compileArrow,
  compileBody,
  compileDeclaration,
  compileExpressionBody,
  compileFunctionExpression,
  compileTailArrow,
} from "./functions.ts";
import {
  compileClassMethod,
  compileMethodCalls,
  isReplaced,
  nameBeside,
  compileObjectMethod,
  compileObjectMethodCalls,
  type MethodCalls,
} from "./methods.ts";
import { isCalledPlainly } from "./reentry/parameters.ts";
import type { Reentry } from "./reentry/reentry.ts";
import { isTail, isTailDeclaration } from "./tail.ts";
import { Scope } from "./scope.ts";
import { usesSuper } from "./syntax/uses-call.ts";
import { visitList } from "./scope-visits.ts";
import { hasDirective, NATIVE } from "./select.ts";
import { THIS } from "./reentry/kept-variables.ts";

/** A declaration, an expression or an arrow. */
export function visitFunction(c: Compilation, node: AnyFunction): void {
  const frame = visitInner(c, node);
  if (!frame.compiled) return;
  if (node.type === "FunctionDeclaration") compileDeclaration(c, frame);
  else if (frame.tail) compileTailArrow(c, frame);
  else if (node.type === "ArrowFunctionExpression") compileArrow(c, frame);
  else compileFunctionExpression(c, frame);
}

interface InnerOptions {
  readonly derivedClass?: Class | undefined;
  /** The runtime puts a function in its place, which cannot unpack its parameters. */
  readonly replaced?: boolean;
  readonly beside?: string;
}

function reentryOf(c: Compilation, node: AnyFunction, { replaced }: InnerOptions): Reentry | null {
  const reentry = c.reentries.of(node);
  if (reentry === null || (replaced && !isCalledPlainly(reentry))) return null;
  const borrows = node.type === "ArrowFunctionExpression" && reentry.parameters[0] === THIS;
  return borrows && thisComesLater(c) ? null : reentry;
}

/** The parameters and the body of a function, with what is written at the beginning and the end of the body. */
function visitInner(c: Compilation, node: AnyFunction, options: InnerOptions = {}): Frame {
  const arrow = node.type === "ArrowFunctionExpression";
  const block = node.body?.type === "BlockStatement" ? node.body : undefined;
  const native = c.frame.native || (block !== undefined && hasDirective(block.body, NATIVE));
  const compiled = node.async && !native && node.body !== null;
  const tail = compiled && (arrow ? isTail(node) : isTailDeclaration(node));
  const frame = new Frame(arrow ? "arrow" : "function", node, {
    compiled,
    native,
    derivedClass: options.derivedClass,
    tail,
    reentry: compiled && !tail ? reentryOf(c, node, options) : null,
    beside: options.beside,
  });
  c.frames.push(frame);
  c.inside(node, () => {
    for (const parameter of node.params) c.visit(parameter);
    if (block !== undefined) {
      c.inside(block, () => visitList(c, block, block.body, true, (scope) => compileBody(c, frame, scope)));
    } else if (node.body !== null) visitExpressionBody(c, frame, node.body);
  });
  c.frames.pop();
  return frame;
}

function visitExpressionBody(c: Compilation, frame: Frame, body: Node): void {
  if (!frame.compiled || frame.tail) return c.visit(body);
  const scope = new Scope(body, [], { isBody: true, disposes: false });
  c.scopes.push(scope);
  c.visit(body);
  c.scopes.pop();
  compileExpressionBody(c, frame, scope);
}

/** A class: its methods are replaced by the runtime in a static block. */
export function visitClass(c: Compilation, node: Class): void {
  const calls: MethodCalls = [];
  c.inside(node, () => {
    for (const decorator of node.decorators) c.visit(decorator);
    c.visit(node.superClass);
    c.inside(node.body, () => {
      for (const member of node.body.body) {
        if (member.type === "MethodDefinition") visitMethod(c, node, member, calls);
        else if (member.type === "StaticBlock") visitStaticBlock(c, member);
        else c.visit(member);
      }
    });
  });
  compileMethodCalls(c, node, calls);
}

function visitMethod(c: Compilation, owner: Class, member: MethodDefinition, calls: MethodCalls): void {
  c.inside(member, () => {
    for (const decorator of member.decorators) c.visit(decorator);
    if (member.computed) c.visit(member.key);
    const derivedClass = member.kind === "constructor" && owner.superClass !== null ? owner : undefined;
    const options = isReplaced(member) ? { replaced: true } : { beside: nameBeside(c, member) };
    const frame = visitInner(c, member.value as Function, { derivedClass, ...options });
    if (frame.compiled) compileClassMethod(c, member, frame, calls);
  });
}

function visitStaticBlock(c: Compilation, node: Node & { type: "StaticBlock" }): void {
  c.frames.push(new Frame("initializer", node, { compiled: false, native: c.frame.native }));
  c.inside(node, () => visitList(c, node, node.body, false));
  c.frames.pop();
}

/** A field of a class: what it is set to has `this` and `super` of its own. */
export function visitInitializer(c: Compilation, node: PropertyDefinition | AccessorProperty): void {
  c.inside(node, () => {
    for (const decorator of node.decorators) c.visit(decorator);
    if (node.computed) c.visit(node.key);
    c.frames.push(new Frame("initializer", node, { compiled: false, native: c.frame.native }));
    c.visit(node.value);
    c.frames.pop();
  });
}

export function visitObject(c: Compilation, node: ObjectExpression): void {
  const calls: MethodCalls = [];
  c.inside(node, () => {
    for (const property of node.properties) {
      if (property.type === "Property" && property.method) visitObjectMethod(c, property, calls);
      else c.visit(property);
    }
  });
  compileObjectMethodCalls(c, node, calls);
}

function visitObjectMethod(c: Compilation, property: ObjectProperty, calls: MethodCalls): void {
  c.inside(property, () => {
    if (property.computed) c.visit(property.key);
    const value = property.value as Function;
    const frame = visitInner(c, value, { replaced: value.async && usesSuper(value) });
    if (frame.compiled) compileObjectMethod(c, property, frame, calls);
  });
}
