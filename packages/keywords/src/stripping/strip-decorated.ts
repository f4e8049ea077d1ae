import { createRequire } from "node:module";
import type * as esbuild from "esbuild";
import { plainName } from "../parse.ts";
import type { EncodedMap } from "../source-map.ts";
import { SourceError } from "../source-error.ts";
import type { Stripped, StripOptions } from "./stripped.ts";

/** Node 20 has all that esbuild knows but `using` and decorators. */
const TARGET = "node20.19";

const require = createRequire(import.meta.url);

/** Strips a file that has decorators: esbuild lowers the ones of the standard. It is loaded for the first such file. */
export function stripDecorated(code: string, filename: string, options: StripOptions): Stripped {
  const { transformSync } = require("esbuild") as typeof esbuild;
  const file = plainName(filename);
  try {
    const result = transformSync(code, {
      loader: loaderOf(file),
      target: TARGET,
      keepNames: true,
      sourcefile: file,
      sourcemap: options.sourcemap ? "external" : false,
      charset: "utf8",
      jsx: "automatic",
      logLevel: "silent",
      tsconfigRaw: {},
    });
    return { code: result.code, map: options.sourcemap ? (JSON.parse(result.map) as EncodedMap) : undefined };
  } catch (error) {
    const [first] = (error as Partial<esbuild.TransformFailure>).errors ?? [];
    throw first === undefined ? error : located(first, code, filename);
  }
}

function loaderOf(file: string): esbuild.Loader {
  if (/\.[cm]?ts$/.test(file)) return "ts";
  if (file.endsWith(".tsx")) return "tsx";
  return file.endsWith(".jsx") ? "jsx" : "js";
}

function located({ text, location }: esbuild.Message, code: string, filename: string): SourceError {
  let offset = 0;
  for (let line = 1; line < (location?.line ?? 1); line++) offset = code.indexOf("\n", offset) + 1;
  return new SourceError(code, filename, offset + (location?.column ?? 0), text);
}
