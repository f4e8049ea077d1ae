import { compile } from "./compile.ts";
import { mapWithNames } from "./function-names.ts";
import { languageOf, parse, type ParsedSource, type SourceFormat } from "./parse.ts";
import { isSelected, mayBeSelected, requiresRuntime } from "./select.ts";
import { chain, mapOfPass, type SourceMap } from "./source-map.ts";
import { needsLowering, needsStripping, strip } from "./stripping/strip.ts";

export interface TransformOptions {
  /** Its ending tells the language; it stands in messages and in the map. */
  readonly filename: string;
  /** The module that compiled code imports. @defaultValue "tsyncio/runtime" */
  readonly runtime?: string;
  /** @defaultValue true */
  readonly sourcemap?: boolean;
  /**
   * Erase types, lower `using` and decorators, compile JSX. A bundler does that itself.
   * @defaultValue true
   */
  readonly stripTypes?: boolean;
  /** How the file is parsed. @defaultValue by the ending: CommonJS for `.cjs` and `.cts`, a module otherwise */
  readonly format?: SourceFormat;
}

export interface TransformResult {
  readonly code: string;
  /** From `code` to the text that was given, exact to line and column; null when `sourcemap` is false. */
  readonly map: SourceMap | null;
}

/**
 * Compiles the async functions of a file to coroutines of tsyncio.
 *
 * A file is touched when it imports from `tsyncio` or `@tsyncio/*` (types count), or says `"use tsyncio"`; one that says
 * `"native async"` is not. The result has the same lines as the text when types are not stripped.
 *
 * @returns null when the file is not touched
 * @throws {SourceError} where the text is not valid, with file, line and column
 *
 * @example
 * ```ts
 * const result = transform('import { sleep } from "tsyncio"; export const nap = async () => { await sleep(10); };', {
 *   filename: "nap.ts",
 * });
 * console.log(result?.code);
 * ```
 */
export function transform(code: string, options: TransformOptions): TransformResult | null {
  const { filename, runtime = "tsyncio/runtime", sourcemap = true, stripTypes = true } = options;
  if (!mayBeSelected(code) || languageOf(filename) === undefined) return null;
  const source = parse(code, filename, options.format);
  if (!isSelected(source)) return null;

  const { text, functionNames } = compile(source, runtime, formatOfRuntime(source, options.format));
  const compiled = text.toString();
  const map = sourcemap ? mapOfPass(mapWithNames(text, filename, functionNames)) : undefined;
  if (!stripTypes || !(needsStripping(filename) || needsLowering(code))) return { code: compiled, map: map ?? null };
  const stripped = strip(compiled, filename, { sourcemap, format: options.format });
  return { code: stripped.code, map: map === undefined ? null : chain(stripped.map!, map) };
}

/** A file that gets the runtime by `require` stays one that does. */
function formatOfRuntime({ module, program }: ParsedSource, format: SourceFormat | undefined): SourceFormat {
  if (format !== undefined) return format;
  return program.sourceType !== "module" || (!module.hasModuleSyntax && program.body.some(requiresRuntime))
    ? "commonjs"
    : "module";
}
