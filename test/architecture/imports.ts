import { parseSync, Visitor } from "oxc-parser";

/** One place where a module names another. */
export interface Import {
  /** The specifier as written, or null where `import(…)` computes it. */
  readonly specifier: string | null;
  readonly line: number;
}

/** Every import, re-export, `import(…)` and `import("…")` type of a module. Types count: a type, too, ties two files together. */
export function importsOf(path: string, source: string): Import[] {
  const { module, program, errors } = parseSync(path, source);
  if (errors.length > 0) throw new SyntaxError(`Cannot read the imports of ${path}: ${errors[0].message}`);
  const imports: Import[] = [];
  const add = (specifier: string | null, at: number) => {
    imports.push({ specifier, line: source.slice(0, at).split("\n").length });
  };
  for (const { moduleRequest } of module.staticImports) add(moduleRequest.value, moduleRequest.start);
  for (const { entries } of module.staticExports) {
    const request = entries.find((entry) => entry.moduleRequest)?.moduleRequest;
    if (request) add(request.value, request.start);
  }
  for (const { moduleRequest } of module.dynamicImports) {
    const written = /^(["'`])([^"'`$]*)\1$/.exec(source.slice(moduleRequest.start, moduleRequest.end));
    add(written ? written[2] : null, moduleRequest.start);
  }
  new Visitor({
    TSImportType({ source: literal }) {
      add(String(literal.value), literal.start);
    },
  }).visit(program);
  return imports;
}
