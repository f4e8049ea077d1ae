import { dirname } from "node:path";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

type Tsyncio = typeof import("tsyncio");

/** The runtime that a program uses, and the folders whose frames are not the program's. */
export interface Runtime {
  readonly tsyncio: Tsyncio;
  readonly folders: readonly string[];
}

/**
 * Loads the `tsyncio` that a program in `folder` imports, which may be another copy than the one of this command; this one
 * when there is none.
 */
export async function loadRuntime(folder: string): Promise<Runtime> {
  const own = createRequire(import.meta.url);
  const near = createRequire(`${folder}/`);
  const entry = tryResolve(near, "tsyncio") ?? own.resolve("tsyncio");
  const keywords = own.resolve("@tsyncio/keywords");
  const tsyncio = (await import(pathToFileURL(entry).href)) as Tsyncio;
  const command = dirname(dirname(fileURLToPath(import.meta.url)));
  return { tsyncio, folders: [packageFolder(entry), packageFolder(keywords), command] };
}

function tryResolve(require: NodeJS.Require, name: string): string | undefined {
  try {
    return require.resolve(name);
  } catch {
    return undefined;
  }
}

/** Doors lie in `dist`. */
function packageFolder(entry: string): string {
  return dirname(dirname(entry));
}
