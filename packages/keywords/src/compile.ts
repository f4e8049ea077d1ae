import type { Node } from "oxc-parser";
import { compileAwait, compileYield } from "./awaits.ts";
import { compileUsing, compileUsingInFor, compileUsingInForOf } from "./await-using.ts";
import { compileArguments, compileNewTarget, compileSuper, compileThis } from "./borrow.ts";
import { childrenOf } from "./syntax/children.ts";
import { Compilation } from "./compilation.ts";
import { CLOSE, Frame, THROW } from "./frame.ts";
import { compileForAwait } from "./for-await.ts";
import { visitClass, visitFunction, visitInitializer, visitObject } from "./function-visits.ts";
import type { ParsedSource, SourceFormat } from "./parse.ts";
import { isReference } from "./syntax/reference.ts";
import { reenter } from "./reentry/reenter.ts";
import { compileReturn } from "./returns.ts";
import { visitList } from "./scope-visits.ts";
import { tailDeclaration } from "./tail.ts";

/** Visits a node: its children first, its edits when it is left. */
function visit(c: Compilation, node: Node): void {
  visitNode(c, node);
  const { reentry } = c.frame;
  if (reentry !== null) reenter(c, reentry, node);
}

function visitNode(c: Compilation, node: Node): void {
  switch (node.type) {
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "ArrowFunctionExpression":
      return visitFunction(c, node);
    case "ClassDeclaration":
    case "ClassExpression":
      return visitClass(c, node);
    case "ObjectExpression":
      return visitObject(c, node);
    case "PropertyDefinition":
    case "AccessorProperty":
      return visitInitializer(c, node);
    case "BlockStatement":
    case "TSModuleBlock":
      return c.inside(node, () => visitList(c, node, node.body, false));
    case "SwitchCase":
      return c.inside(node, () => {
        c.visit(node.test);
        visitList(c, node, node.consequent, false);
      });
    case "AwaitExpression":
      visitChildren(c, node);
      return compileAwait(c, node);
    case "YieldExpression":
      visitChildren(c, node);
      return compileYield(c, node);
    case "ReturnStatement":
      visitChildren(c, node);
      return compileReturn(c, node);
    case "TryStatement":
      return c.inside(node, () => {
        const { block, handler, finalizer } = node;
        const finallyRegion = finalizer === null ? [] : [{ cleanup: CLOSE, returns: true } as const];
        const catchRegion = handler === null ? [] : [{ cleanup: THROW, returns: true } as const];
        c.within([...finallyRegion, ...catchRegion], () => c.visit(block));
        c.within(finallyRegion, () => c.visit(handler));
        c.visit(finalizer);
      });
    case "ForOfStatement":
      return visitForOf(c, node);
    case "ForStatement": {
      const using = node.init?.type === "VariableDeclaration" && node.init.kind.endsWith("using");
      const asyncUsing = using && c.frame.compiled && disposesAsyncHead(node.init);
      c.inside(node, () =>
        c.within(using ? [{ cleanup: asyncUsing ? THROW : CLOSE, returns: true }] : [], () => visitKeys(c, node)),
      );
      return asyncUsing ? compileUsingInFor(c, node) : undefined;
    }
    case "VariableDeclaration": {
      visitChildren(c, node);
      const scope = c.scopes[c.scopes.length - 1];
      if (scope?.disposes && scope.node === c.parent() && node.kind.endsWith("using")) compileUsing(c, node);
      return;
    }
    case "ArrayPattern":
      return c.within([{ cleanup: CLOSE, returns: false }], () => visitChildren(c, node));
    case "ThisExpression":
      return compileThis(c, node);
    case "JSXIdentifier":
      if (node.name === "this") for (const frame of c.frames) frame.usesThis = true;
      return;
    case "Super":
      return compileSuper(c, node);
    case "MetaProperty":
      return compileNewTarget(c, node);
    case "Identifier":
      visitChildren(c, node);
      if (!isReference(node, c.parent())) return;
      if (node.name === "arguments") return compileArguments(c, node);
      for (const frame of c.frames) {
        if (frame.node.type === "FunctionExpression" && frame.node.id?.name === node.name) frame.usesOwnName = true;
      }
      return;
    case "CallExpression":
      if (node.callee.type === "Identifier" && node.callee.name === "eval") {
        for (const frame of c.frames) frame.usesThis = frame.usesArguments = frame.usesOwnName = true;
      }
      return visitChildren(c, node);
    default:
      if (isType(node)) return;
      visitChildren(c, node);
  }
}

function visitForOf(c: Compilation, node: Node & { type: "ForOfStatement" }): void {
  const { left, right, body, await: isAwait } = node;
  const using = left.type === "VariableDeclaration" && left.kind.endsWith("using");
  const asyncUsing = left.type === "VariableDeclaration" && left.kind === "await using";
  const compiled = c.frame.compiled;
  const cleanup = isAwait || asyncUsing ? THROW : CLOSE;
  c.inside(node, () => {
    if (isAwait) c.frame.suspends();
    c.visit(right);
    c.within([{ cleanup, returns: true }], () => {
      c.visit(left);
      if (using) c.within([{ cleanup, returns: true }], () => c.visit(body));
      else c.visit(body);
      if (compiled && asyncUsing) c.frame.cleanup = THROW;
    });
  });
  if (!compiled) return;
  if (isAwait) compileForAwait(c, node);
  else if (asyncUsing) compileUsingInForOf(c, node);
}

function disposesAsyncHead(init: Node | null): boolean {
  return init?.type === "VariableDeclaration" && init.kind === "await using";
}

/** Visits the children of a node in the order of the text. */
export function visitChildren(c: Compilation, node: Node): void {
  c.path.push(node);
  visitKeys(c, node);
  c.path.pop();
}

function visitKeys(c: Compilation, node: Node): void {
  for (const child of childrenOf(node)) c.visit(child);
}

/** Types hold nothing that runs; these nodes of TypeScript do. */
function isType({ type }: Node): boolean {
  return type.startsWith("TS") && !RUNNING.has(type);
}

const RUNNING = new Set([
  "TSAsExpression",
  "TSSatisfiesExpression",
  "TSNonNullExpression",
  "TSTypeAssertion",
  "TSInstantiationExpression",
  "TSExportAssignment",
  "TSModuleDeclaration",
  "TSEnumDeclaration",
  "TSEnumBody",
  "TSEnumMember",
  "TSParameterProperty",
]);

/** Compiles the functions of a file and brings in what they need of the runtime. */
export function compile(source: ParsedSource, runtime: string, format: SourceFormat): Compilation {
  const { program } = source;
  const c = new Compilation(source, visit);
  c.frames.push(new Frame("module", program, { compiled: false, native: false }));
  c.inside(program, () =>
    visitList(c, program, program.body, true, ({ variables }) => {
      const declared = variables.length > 0 ? `var ${variables.join(",")};` : "";
      const tail = tailDeclaration(c);
      c.knownCalls.write(c);
      return [`${c.runtime.declaration(runtime, format)}${declared}${tail}`, ""];
    }),
  );
  c.moveAll();
  return c;
}
