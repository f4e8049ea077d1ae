import { parseSync, Visitor } from "oxc-parser";
import { type HelperMode, transformSync } from "oxc-transform";
import { formatOf, languageOf, plainName } from "../parse.ts";
import type { EncodedMap } from "../source-map.ts";
import { SourceError } from "../source-error.ts";
import { stripDecorated } from "./strip-decorated.ts";
import type { Stripped, StripOptions } from "./stripped.ts";
import { usingContext } from "./using-context.ts";

/**
 * Erases types and lowers what Node 20 lacks: `using` and decorators; JSX becomes calls of the automatic runtime.
 * The names of functions stay.
 *
 * @throws {SourceError} where the text is not valid
 */
export function strip(code: string, filename: string, options: StripOptions): Stripped {
  if (hasDecorators(code, filename)) return stripDecorated(code, filename, options);
  const result = transformSync(plainName(filename), code, {
    lang: languageOf(filename) ?? "ts",
    sourceType: options.format ?? formatOf(filename),
    target: "es2022",
    sourcemap: options.sourcemap,
    jsx: { runtime: "automatic" },
    helpers: { mode: "Runtime" as HelperMode },
  });
  const [error] = result.errors;
  if (error !== undefined) throw new SourceError(code, filename, error.labels[0]?.start ?? 0, error.message);
  return { code: withHelpers(result.code), map: result.map as EncodedMap | undefined };
}

/** Says whether the file is of a language that Node does not run. */
export function needsStripping(filename: string): boolean {
  return /\.(?:[cm]?ts|tsx|jsx)$/.test(plainName(filename));
}

/** Says whether the text may hold what Node 20 lacks. */
export function needsLowering(code: string): boolean {
  return /\busing\b/.test(code) || MAY_DECORATE.test(code);
}

const MAY_DECORATE = /(?:^|[\s;{}()])@[\p{ID_Start}$_(]/u;

function hasDecorators(code: string, filename: string): boolean {
  if (!MAY_DECORATE.test(code)) return false;
  let found = false;
  const { program } = parseSync(plainName(filename), code, { lang: languageOf(filename) ?? "ts" });
  new Visitor({
    Decorator() {
      found = true;
    },
  }).visit(program);
  return found;
}

const HELPER =
  /^(?:import (\w+) from "@oxc-project\/runtime\/helpers\/usingCtx";|(?:var|const) (\w+) = require\("@oxc-project\/runtime\/helpers\/usingCtx"\);)$/m;

/** The one helper of lowered `using` comes with the file: its import gives way to a function at the end, on no new line. */
function withHelpers(code: string): string {
  const match = HELPER.exec(code);
  if (match === null) return code;
  const name = match[1] ?? match[2]!;
  const helper = usingContext.toString().replace(/^function\s*\w*/, `function ${name}`);
  return `${code.slice(0, match.index)}${code.slice(match.index + match[0].length)}\n${helper}\n`;
}
