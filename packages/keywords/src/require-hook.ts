import module from "node:module";
import { pathToFileURL } from "node:url";
import { loadSource } from "./load.ts";

interface CommonJsModule {
  _compile(code: string, filename: string): unknown;
}
type Extension = (module: CommonJsModule, filename: string) => unknown;

/**
 * Has `require` compile CommonJS files: Node 20 and 22 run CommonJS whose source comes from a hook with a `require` that
 * cannot load ES modules, such as the runtime.
 */
export function hookRequire(): void {
  const { _extensions: extensions } = module as unknown as { _extensions: Record<string, Extension> };
  for (const ending of [".js", ".ts", ".cts", ".tsx"]) {
    const next = extensions[ending] ?? extensions[".js"]!;
    extensions[ending] = (module, filename) => {
      const loaded = loadSource(pathToFileURL(filename).href);
      return loaded?.format === "commonjs" ? module._compile(loaded.source, filename) : next(module, filename);
    };
  }
}
