import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Files } from "./rules.ts";

const SKIPPED = new Set(["node_modules", "dist", ".git", "temp", "coverage", "data"]);
const TEXT = /\.(?:[cm]?[jt]s|tsx|jsonc?|md|mdx|ya?ml|sh|html|css|tsv|py|out)$|^\.?[a-z]+$/;

/** The text files below a folder that are the project's own. */
export function readRepository(root: string): Files {
  const files = new Map<string, string>();
  const walk = (folder: string) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder ? `${folder}/${entry.name}` : entry.name;
      if (entry.isDirectory()) {
        if (!SKIPPED.has(entry.name)) walk(path);
      } else if (entry.isFile() && TEXT.test(entry.name) && entry.name !== "package-lock.json") {
        files.set(path, readFileSync(join(root, path), "utf8"));
      }
    }
  };
  walk("");
  return files;
}
