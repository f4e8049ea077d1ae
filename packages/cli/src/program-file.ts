import { existsSync, statSync } from "node:fs";
import { basename, resolve } from "node:path";

const ENDINGS = [".ts", ".mts", ".cts", ".tsx", ".js", ".mjs", ".cjs", ".jsx"];

/** Something that the user of the command has to change: shown as one line, without a stack. */
export class UsageError extends Error {}

/**
 * The absolute path of a program.
 *
 * @throws {UsageError} when there is no such file, or it is none that can be run
 */
export function programPath(file: string): string {
  const path = resolve(file);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new UsageError(`Cannot run ${file}: no such file${didYouMean(path, file)}`);
  if (stats.isDirectory()) throw new UsageError(`Cannot run ${file}: it is a folder${mainOf(path, file)}`);
  if (!ENDINGS.some((ending) => path.endsWith(ending)))
    throw new UsageError(`Cannot run ${file}: expected a file that ends in ${ENDINGS.join(", ")}`);
  return path;
}

/** The command that runs `word`, when it is a program or nearly the name of one. */
export function suggestRun(word: string): string | undefined {
  const path = resolve(word);
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) return `tsyncio run ${word}`;
  const ending = ENDINGS.find((ending) => existsSync(path + ending));
  return ending === undefined ? undefined : `tsyncio run ${word}${ending}`;
}

function didYouMean(path: string, file: string): string {
  const stem = path.replace(/\.\w+$/, "");
  const found = ENDINGS.flatMap((ending) => [path + ending, stem + ending]).find((path) => existsSync(path));
  if (found === undefined) return "";
  return `; did you mean ${file.slice(0, file.length - basename(file).length)}${basename(found)}?`;
}

function mainOf(path: string, file: string): string {
  const main = ["main", "index", "app"].flatMap((name) => ENDINGS.map((ending) => name + ending));
  const found = main.find((name) => existsSync(resolve(path, name)));
  return found === undefined ? "; name the file to run" : `; did you mean ${file.replace(/\/$/, "")}/${found}?`;
}
