import { readFileSync } from "node:fs";

/** The version of a package that `npm run bench:setup` has put here; undefined where it has not. */
export function installedVersion(name) {
  try {
    return JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url), "utf8")).version;
  } catch {
    return undefined;
  }
}

/** Imports such a package: Node looks for it beside the file that imports it. */
export const load = (name) => import(name);
