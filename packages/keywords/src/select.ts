import type { Directive, Node, Program, Statement } from "oxc-parser";
import type { ParsedSource } from "./parse.ts";

const RUNTIME_PACKAGE = /^(?:tsyncio|@tsyncio\/[^/]+)(?:\/|$)/;

/** The directive that leaves a file or a function as it is. */
export const NATIVE = "native async";
/** The directive that has a file compiled without an import of the runtime. */
export const COMPILED = "use tsyncio";

/** A quick look at the text: false means that the file need not be parsed. */
export function mayBeSelected(code: string): boolean {
  return code.includes("tsyncio");
}

/** Says whether a file is compiled: it imports from `tsyncio` or `@tsyncio/*`, or says `"use tsyncio"`, and does not say `"native async"`. */
export function isSelected({ program, module }: ParsedSource): boolean {
  if (hasDirective(program.body, NATIVE)) return false;
  if (hasDirective(program.body, COMPILED)) return true;
  if (module.staticImports.some(({ moduleRequest }) => RUNTIME_PACKAGE.test(moduleRequest.value))) return true;
  for (const { entries } of module.staticExports) {
    if (entries.some((entry) => entry.moduleRequest !== null && RUNTIME_PACKAGE.test(entry.moduleRequest.value))) {
      return true;
    }
  }
  return !module.hasModuleSyntax && program.body.some(requiresRuntime);
}

/** Says whether a statement list begins with this directive among its directives. */
export function hasDirective(body: readonly (Directive | Statement)[], text: string): boolean {
  for (const statement of body) {
    if (!isDirective(statement)) return false;
    if (statement.directive === text) return true;
  }
  return false;
}

export function isDirective(statement: Node): statement is Directive {
  return statement.type === "ExpressionStatement" && typeof statement.directive === "string";
}

/** `const { run } = require("tsyncio")` at the top of a CommonJS file. */
export function requiresRuntime(statement: Program["body"][number]): boolean {
  if (statement.type !== "VariableDeclaration") return false;
  return statement.declarations.some(({ init }) => {
    if (init?.type !== "CallExpression" || init.callee.type !== "Identifier" || init.callee.name !== "require")
      return false;
    const [request] = init.arguments;
    return request?.type === "Literal" && typeof request.value === "string" && RUNTIME_PACKAGE.test(request.value);
  });
}
