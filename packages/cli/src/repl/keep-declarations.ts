import MagicString, { type SourceMap } from "magic-string";
import type {
  BindingPattern,
  Function as FunctionNode,
  ImportDeclaration,
  Program,
  Statement,
  VariableDeclaration,
} from "oxc-parser";
import type { ParsedInput } from "./parse-input.ts";

/** What is to be run for an input: the body of an async function. */
export interface KeptInput {
  readonly body: string;
  /** From `body` to what was typed. */
  readonly map: SourceMap;
  /** The names that the input declares. */
  readonly names: readonly string[];
}

/**
 * Rewrites an input so that what it declares outlives it: each declaration at the top level becomes an assignment to a
 * global variable, where later inputs see it and may declare it again. Functions are assigned first, as hoisting does.
 * The value of a last expression is returned, in a box because a returned coroutine would be awaited. Lines stay lines.
 */
export function keepDeclarations({ text, program }: ParsedInput): KeptInput {
  const source = new MagicString(text);
  const names: string[] = [];
  for (const statement of program.body) keepStatement(source, text, statement, names);
  returnLast(source, program);
  return { body: source.toString(), map: source.generateMap({ hires: "boundary", source: "input" }), names };
}

function keepStatement(source: MagicString, text: string, statement: Program["body"][number], names: string[]): void {
  switch (statement.type) {
    case "VariableDeclaration":
      return keepVariables(source, statement, names);
    case "FunctionDeclaration":
      return keepFunction(source, statement, statement, names);
    case "ClassDeclaration":
    case "TSEnumDeclaration":
      if (statement.declare || statement.id === null) return;
      names.push(statement.id.name);
      source.appendLeft(statement.end, `;globalThis.${statement.id.name}=${statement.id.name};`);
      return;
    case "ImportDeclaration":
      return keepImport(source, text, statement, names);
    case "ExportNamedDeclaration":
      if (statement.declaration === null) return void source.remove(statement.start, statement.end);
      source.remove(statement.start, statement.declaration.start);
      return keepStatement(source, text, statement.declaration as Statement, names);
    default:
  }
}

/** `const a: T = 1, { b } = c` becomes `;(a = 1),({ b } = c);` */
function keepVariables(source: MagicString, declaration: VariableDeclaration, names: string[]): void {
  const { declarations, kind, declare } = declaration;
  // `using` is disposed of at the end of its input, so its name ends there too.
  if (declare || kind === "using" || kind === "await using") return;
  source.overwrite(declaration.start, declarations[0]!.start, ";");
  for (const { id, init, start, end } of declarations) {
    source.appendRight(start, "(");
    collectNames(id, names);
    const bare = bareEnd(id);
    if (init === null) {
      if (bare < end) source.remove(bare, end);
      source.appendLeft(end, "=undefined)");
    } else {
      if (bare < init.start) source.overwrite(bare, init.start, "=");
      source.appendLeft(end, ")");
    }
  }
  source.appendLeft(declaration.end, ";");
}

/** The end of a pattern without its type. */
function bareEnd(id: BindingPattern): number {
  const annotation = "typeAnnotation" in id ? id.typeAnnotation : null;
  return annotation?.start ?? id.end;
}

function keepFunction(
  source: MagicString,
  whole: FunctionNode,
  { id, start, end }: FunctionNode,
  names: string[],
): void {
  if (whole.body === null || id === null) return;
  names.push(id.name);
  // Without a name of its own it refers to itself as everybody else does, and a new declaration reaches it.
  source.remove(id.start, id.end);
  source.appendRight(start, `;${id.name}=`);
  source.appendLeft(end, ";");
  if (start !== 0) source.move(start, end, 0);
}

/** `import a, { b as c } from "m"` becomes `;({default:a,b:c}=$module(await import("m"),"m",["default","b"]));` */
function keepImport(source: MagicString, text: string, node: ImportDeclaration, names: string[]): void {
  const { importKind, specifiers, source: from, attributes, start, end } = node;
  if (importKind === "type") return void source.remove(start, end);
  const wanted: string[] = [];
  const targets: string[] = [];
  let namespace: string | undefined;
  for (const specifier of specifiers) {
    const { name } = specifier.local;
    if (specifier.type === "ImportNamespaceSpecifier") namespace = name;
    else {
      if (specifier.type === "ImportSpecifier" && specifier.importKind === "type") continue;
      const imported = specifier.type === "ImportDefaultSpecifier" ? "default" : importedName(specifier.imported);
      wanted.push(imported);
      targets.push(`${JSON.stringify(imported)}:${name}`);
    }
    names.push(name);
  }
  const pairs = attributes.map(({ key, value }) => `${text.slice(key.start, key.end)}:${value.raw}`);
  const options = pairs.length === 0 ? "" : `,{with:{${pairs.join()}}}`;
  const module = `$module(await import(${from.raw}${options}),${from.raw},${JSON.stringify(wanted)})`;
  const into = namespace === undefined ? "" : `${namespace}=`;
  const target = `${targets.length === 0 ? "" : `{${targets.join()}}=`}${into}${module}`;
  const lines = "\n".repeat(text.slice(start, end).split("\n").length - 1);
  source.overwrite(start, end, `;(${target});${lines}`);
}

function importedName(name: { type: string; name?: string; value?: string }): string {
  return name.name ?? name.value!;
}

function returnLast(source: MagicString, { body }: Program): void {
  const last = body.at(-1);
  const expression =
    last?.type === "ExpressionStatement"
      ? last.expression
      : last?.type === "ExportDefaultDeclaration" && isExpression(last.declaration)
        ? last.declaration
        : undefined;
  if (last === undefined || expression === undefined) return;
  if (last.start === expression.start) source.appendRight(last.start, ";return{value:(");
  else source.overwrite(last.start, expression.start, ";return{value:(");
  source.appendLeft(expression.end, ")}");
}

function isExpression({ type }: { type: string }): boolean {
  return !/^(?:TS|Class$|ClassDeclaration|FunctionDeclaration)/.test(type);
}

function collectNames(pattern: BindingPattern, names: string[]): void {
  switch (pattern.type) {
    case "Identifier":
      names.push(pattern.name);
      return;
    case "AssignmentPattern":
      return collectNames(pattern.left, names);
    case "ArrayPattern":
      for (const element of pattern.elements) {
        if (element !== null) collectNames(element.type === "RestElement" ? element.argument : element, names);
      }
      return;
    case "ObjectPattern":
      for (const property of pattern.properties) {
        collectNames(property.type === "RestElement" ? property.argument : property.value, names);
      }
  }
}
