import { parseSync, Visitor } from "oxc-parser";

/** One place where a module names another. */
export interface Import {
  /** The specifier as written, or null where `import(…)` computes it. */
  readonly specifier: string | null;
  readonly line: number;
  /** Only types: nothing of it is left when the program runs. */
  readonly erased: boolean;
}

/** Every import, re-export, `import(…)` and `import("…")` type of a module. */
export function importsOf(path: string, source: string): Import[] {
  const { module, program, errors } = parseSync(path, source);
  if (errors.length > 0) throw new SyntaxError(`Cannot read the imports of ${path}: ${errors[0].message}`);
  const imports: Import[] = [];
  const add = (specifier: string | null, at: number, erased = false) => {
    imports.push({ specifier, line: source.slice(0, at).split("\n").length, erased });
  };
  // `import { type A }` stays as an import of the file; `import type { A }` does not.
  const onlyTypes = (start: number) => /^(?:import|export)\s+type\b/.test(source.slice(start, start + 20));
  for (const { moduleRequest, start } of module.staticImports)
    add(moduleRequest.value, moduleRequest.start, onlyTypes(start));
  for (const { entries, start } of module.staticExports) {
    const request = entries.find((entry) => entry.moduleRequest)?.moduleRequest;
    if (request) add(request.value, request.start, onlyTypes(start));
  }
  for (const { moduleRequest } of module.dynamicImports) {
    const written = /^(["'`])([^"'`$]*)\1$/.exec(source.slice(moduleRequest.start, moduleRequest.end));
    add(written ? written[2] : null, moduleRequest.start);
  }
  new Visitor({
    TSImportType({ source: literal }) {
      add(String(literal.value), literal.start, true);
    },
  }).visit(program);
  return imports;
}
