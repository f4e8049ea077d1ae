import { type Comment, type EcmaScriptModule, parseSync, type Program } from "oxc-parser";
import { SourceError } from "./source-error.ts";

/** A parsed file. Offsets in the tree are indexes into the text. */
export interface ParsedSource {
  readonly code: string;
  readonly filename: string;
  readonly program: Program;
  readonly module: EcmaScriptModule;
  readonly comments: readonly Comment[];
}

export type SourceFormat = "module" | "commonjs";
type Language = "ts" | "tsx" | "jsx";

/** The file without what a bundler puts behind its name: `?v=1`, `#x`. */
export function plainName(filename: string): string {
  return filename.replace(/[?#].*$/s, "");
}

/** The language of a file by its ending; undefined when it is not JavaScript or TypeScript. */
export function languageOf(filename: string): Language | undefined {
  const match = /\.(?:[cm]?(ts|js)|(tsx|jsx))$/.exec(plainName(filename));
  if (match === null) return undefined;
  if (match[2] !== undefined) return match[2] as Language;
  return match[1] === "ts" ? "ts" : "jsx";
}

/** The format that the ending tells: CommonJS for `.cjs` and `.cts` only. */
export function formatOf(filename: string): SourceFormat {
  return /\.c[jt]s$/.test(plainName(filename)) ? "commonjs" : "module";
}

/**
 * Parses a file, with the early errors of the language (`await` in a parameter default and so on).
 *
 * @throws {SourceError} where the text is not valid
 */
export function parse(code: string, filename: string, format: SourceFormat = formatOf(filename)): ParsedSource {
  const result = parseSync(plainName(filename), code, {
    lang: languageOf(filename) ?? "ts",
    sourceType: format,
    preserveParens: true,
    showSemanticErrors: true,
  });
  const error = result.errors.find((error) => error.severity === "Error");
  if (error !== undefined) {
    const offset = error.labels[0]?.start ?? 0;
    const help = error.helpMessage === null ? "" : `; ${error.helpMessage}`;
    throw new SourceError(code, filename, offset, `${error.message}${help}`);
  }
  return { code, filename, program: result.program, module: result.module, comments: result.comments };
}
