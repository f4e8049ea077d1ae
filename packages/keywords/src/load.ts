import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { formatOf, parse, type SourceFormat } from "./parse.ts";
import { packageType } from "./package-type.ts";
import { inlineComment, single } from "./source-map.ts";
import { needsStripping, strip } from "./stripping/strip.ts";
import { transform } from "./transform.ts";

/** What a loader of Node gives for a module. */
export interface LoadedSource {
  readonly format: SourceFormat;
  readonly source: string;
  readonly shortCircuit: true;
}

const HANDLED = /\.(?:[cm]?[jt]s|[jt]sx)$/;

/**
 * Reads a module and makes of it what Node runs: compiled when the file is selected, stripped of its types, with its map inside.
 *
 * @returns undefined for what Node loads as it is: other kinds of files, JavaScript that is not touched, installed packages
 */
export function loadSource(url: string): LoadedSource | undefined {
  const [address] = url.split(/[?#]/, 1) as [string];
  if (!address.startsWith("file:") || !HANDLED.test(address) || address.includes("/node_modules/")) return undefined;
  const filename = fileURLToPath(address);
  const code = readFileSync(filename, "utf8");
  const typed = needsStripping(filename);
  if (!typed && !code.includes("tsyncio")) return undefined;
  const format = formatOfFile(filename, code);
  const result = transform(code, { filename, format });
  if (result !== null) return { format, source: result.code + inlineComment(result.map!), shortCircuit: true };
  if (!typed) return undefined;
  const stripped = strip(code, filename, { sourcemap: true, format });
  return { format, source: stripped.code + inlineComment(single(stripped.map!, filename, code)), shortCircuit: true };
}

/** As Node decides: by the ending, then by the nearest package.json, then by what the file holds. */
function formatOfFile(filename: string, code: string): SourceFormat {
  if (/\.m[jt]s$/.test(filename)) return "module";
  if (/\.c[jt]s$/.test(filename)) return formatOf(filename);
  return packageType(filename) ?? (parse(code, filename, "module").module.hasModuleSyntax ? "module" : "commonjs");
}
