import { dirname, join } from "node:path";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

import type * as tsyncioModule from "tsyncio";

type Tsyncio = typeof tsyncioModule;

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
  const command = fileURLToPath(new URL("..", import.meta.url));
  return {
    tsyncio,
    folders: [entry, keywords]
      .map((door) => dirname(dirname(door)))
      .concat(command)
      .flatMap(codeFolders)
      // What awaits the program: it is at the end of stacks.
      .concat(dirname(own.resolve("commander"))),
  };
}

function tryResolve(require: NodeJS.Require, name: string): string | undefined {
  try {
    return require.resolve(name);
  } catch {
    return undefined;
  }
}

/** Where a package has its code: what runs, and what source maps lead to. */
function codeFolders(folder: string): string[] {
  return ["dist", "src", "bin"].map((name) => join(folder, name));
}
