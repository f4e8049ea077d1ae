import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const TYPED: Readonly<Record<string, readonly string[]>> = {
  ".js": [".ts", ".tsx"],
  ".mjs": [".mts"],
  ".cjs": [".cts"],
  ".jsx": [".tsx"],
};

/**
 * The TypeScript file that an import of a JavaScript file means: `./a.js` is `./a.ts` where only that exists.
 *
 * @returns its URL, or undefined when the specifier means what it says
 */
export function typedTwin(specifier: string, parent: string | undefined): string | undefined {
  if (!/^(?:\.{0,2}\/|file:)/.test(specifier) || !parent?.startsWith("file:") || parent.includes("/node_modules/"))
    return undefined;
  const url = new URL(specifier, parent);
  const ending = /\.[cm]?jsx?$/.exec(url.pathname)?.[0];
  if (ending === undefined || existsSync(fileURLToPath(url.origin === "null" ? `file://${url.pathname}` : url)))
    return undefined;
  for (const typed of TYPED[ending] ?? []) {
    const twin = new URL(url);
    twin.pathname = url.pathname.slice(0, -ending.length) + typed;
    if (existsSync(new URL(`file://${twin.pathname}`))) return twin.href;
  }
  return undefined;
}

/** The runtime comes with the loader, for a program that cannot resolve it from where it lies. */
export function isRuntime(specifier: string): boolean {
  return specifier === "tsyncio/runtime";
}
