import { dirname, join } from "node:path/posix";
import { importsOf, type Import } from "./imports.ts";

/** Text files of a repository: path relative to its root → content. */
export type Files = ReadonlyMap<string, string>;

/** packages/core/src: what stands on which floor. A file imports from lower floors and from its own folder only; types may look up. */
const FLOORS: Readonly<Record<string, number>> = {
  "globals.d.ts": 0,
  "named.ts": 0,
  "errors.ts": 0,
  "exception-group.ts": 0,
  "duration.ts": 0,
  loop: 1,
  coroutine: 2,
  task: 3,
  scope: 4,
  combine: 4,
  sync: 4,
  queue: 4,
  run: 5,
  "index.ts": 6,
  "runtime.ts": 6,
  "single.ts": 7,
  "single-runtime.ts": 7,
};

/** Folder of a package → the packages that its `src` may import. */
const DIAGRAM: Readonly<Record<string, readonly string[]>> = (() => {
  const io = ["core", "node"];
  const batteries = [...io, "http", "sql", "feeds", "distributed"];
  const diagram: Record<string, readonly string[]> = {
    core: [],
    keywords: ["core"],
    testing: ["core"],
    inspect: ["core"],
    node: ["core"],
  };
  for (const name of ["http", "sql", "feeds", "distributed"]) diagram[name] = io;
  for (const name of ["crawl", "batch"]) diagram[name] = batteries;
  diagram["cli"] = [...batteries, "crawl", "batch", "keywords", "testing", "inspect"];
  return diagram;
})();

const FORBIDDEN_NAME = /^(?:utils?|helpers?|commons?|types?|misc)$/;
const FORBIDDEN_REFERENCE = new RegExp(["\\.\\./shar", "ed\\b|\\bwork/shar", "ed\\b|/\\.libr", "ary\\b"].join(""));
const MODULE = /\.(?:[cm]?[jt]s|tsx)$/;

interface Module {
  readonly path: string;
  /** "core" for packages/core/…, null outside packages. */
  readonly pkg: string | null;
  readonly inSrc: boolean;
  readonly imports: readonly Import[];
}

const split = (path: string) => /^packages\/([^/]+)\/(?:(src)\/)?/.exec(path);

function modulesOf(files: Files): Module[] {
  const modules: Module[] = [];
  for (const [path, source] of files) {
    if (!MODULE.test(path) || path.includes("/fixtures/")) continue;
    const place = split(path);
    modules.push({ path, pkg: place?.[1] ?? null, inSrc: place?.[2] !== undefined, imports: importsOf(path, source) });
  }
  return modules;
}

const isRelative = (specifier: string) => specifier.startsWith(".");
const target = (from: string, specifier: string) => join(dirname(from), specifier);

/** The folder of the package that a bare specifier names, where it is one of ours. */
function ourPackage(specifier: string): string | null {
  if (specifier === "tsyncio" || specifier.startsWith("tsyncio/")) return "core";
  return /^@tsyncio\/([^/]+)/.exec(specifier)?.[1] ?? null;
}

/** The core stands alone, and its floors rest only on what is below them. */
function* floors(modules: readonly Module[]): Generator<string> {
  const place = (path: string) => {
    const [first] = path.slice("packages/core/src/".length).split("/");
    return { folder: path.endsWith(`src/${first}`) ? "" : first, floor: FLOORS[first] };
  };
  for (const { path, pkg, inSrc, imports } of modules) {
    if (pkg !== "core" || !inSrc) continue;
    const own = place(path);
    if (own.floor === undefined) yield `${path}: stands on no floor of the core`;
    for (const { specifier, line, erased } of imports) {
      if (specifier === null || !isRelative(specifier)) {
        yield `${path}:${line}: the core imports nothing, but here ${specifier ?? "a computed specifier"}`;
        continue;
      }
      const to = target(path, specifier);
      if (!to.startsWith("packages/core/src/")) continue;
      const other = place(to);
      const sameFolder = own.folder === other.folder && own.floor === other.floor && own.floor !== 6;
      const types = erased && own.floor < 6 && other.floor < 6;
      if (!sameFolder && !types && !(other.floor < own.floor)) {
        yield `${path}:${line}: floor ${own.floor} (${own.folder || "src"}) imports ${specifier} of floor ${other.floor}`;
      }
    }
  }
}

/** Packages meet at their doors, in the direction of the diagram. */
function* doors(modules: readonly Module[], files: Files): Generator<string> {
  const manifestOf = (pkg: string) => {
    const manifest = files.get(`packages/${pkg}/package.json`);
    return manifest === undefined ? undefined : (JSON.parse(manifest) as { exports: object });
  };
  const open = (pkg: string, specifier: string) => {
    const subpath = `.${specifier.replace(/^(?:@tsyncio\/[^/]+|tsyncio)/, "")}`;
    return subpath in (manifestOf(pkg)?.exports ?? {});
  };
  /** The configuration of the workspace runs before anything is built: it may take a door's source. */
  const sourceOfDoor = (pkg: string, to: string) =>
    JSON.stringify(manifestOf(pkg)?.exports ?? {}).includes(
      `"@tsyncio/source":"./${to.slice(`packages/${pkg}/`.length)}"`,
    );
  for (const { path, pkg, inSrc, imports } of modules) {
    if (pkg !== null && !(pkg in DIAGRAM)) yield `${path}: package ${pkg} has no place in the diagram`;
    for (const { specifier, line } of imports) {
      if (specifier === null) continue;
      if (isRelative(specifier)) {
        const to = target(path, specifier);
        const there = split(to);
        if (inSrc && !to.startsWith(`packages/${pkg}/src/`)) {
          yield `${path}:${line}: src leaves its folder by ${specifier}`;
        } else if (there && there[1] !== pkg && !(pkg === null && sourceOfDoor(there[1], to))) {
          yield `${path}:${line}: enters package ${there[1]} by ${specifier}, not by its door`;
        }
        continue;
      }
      const other = ourPackage(specifier);
      if (other === null) continue;
      if (!open(other, specifier)) yield `${path}:${line}: ${specifier} is no door of package ${other}`;
      if (inSrc && other !== pkg && !DIAGRAM[pkg!]?.includes(other)) {
        yield `${path}:${line}: package ${pkg} imports ${specifier} against the diagram`;
      }
      if (inSrc && other === pkg) yield `${path}:${line}: package ${pkg} imports itself by ${specifier}`;
    }
  }
}

/** No file reaches itself by its imports, types aside. Each circle is told once, from its first file. */
function* circles(modules: readonly Module[]): Generator<string> {
  const graph = new Map<string, string[]>();
  for (const { path, imports } of modules) {
    graph.set(
      path,
      imports.flatMap(({ specifier, erased }) =>
        specifier && !erased && isRelative(specifier) ? [target(path, specifier)] : [],
      ),
    );
  }
  const finished = new Set<string>();
  const trail: string[] = [];
  function* visit(path: string): Generator<string> {
    const start = trail.indexOf(path);
    if (start >= 0) yield `${path}: import circle ${[...trail.slice(start), path].join(" → ")}`;
    if (start >= 0 || finished.has(path)) return;
    trail.push(path);
    for (const next of graph.get(path) ?? []) yield* visit(next);
    trail.pop();
    finished.add(path);
  }
  for (const path of graph.keys()) yield* visit(path);
}

/** A name says what is inside, in kebab-case; a folder of the sort that collects everything does not exist. */
function* names(files: Files): Generator<string> {
  for (const path of files.keys()) {
    const parts = path.split("/");
    const bad = parts.find((part) => FORBIDDEN_NAME.test(part.split(".")[0]));
    if (bad !== undefined) yield `${path}: "${bad}" does not say what is inside`;
    const file = parts.at(-1)!;
    if (MODULE.test(file) && file !== file.toLowerCase()) yield `${path}: file names are in kebab-case`;
  }
}

/** The repository stands on its own. */
function* references(files: Files): Generator<string> {
  for (const [path, source] of files) {
    const line = source.split("\n").findIndex((text) => FORBIDDEN_REFERENCE.test(text));
    if (line >= 0) yield `${path}:${line + 1}: refers to a place outside the repository`;
  }
}

/** Everything in which a repository departs from the layout; empty when it keeps it. */
export function violations(files: Files): string[] {
  const modules = modulesOf(files);
  return [...floors(modules), ...doors(modules, files), ...circles(modules), ...names(files), ...references(files)];
}

/** Source files that have become long: a place to look, not a fault. */
export function longFiles(files: Files, limit: number): string[] {
  const long: string[] = [];
  for (const [path, source] of files) {
    const length = source.split("\n").length;
    if (/^packages\/[^/]+\/src\/.*\.ts$/.test(path) && length > limit) long.push(`${path}: ${length} lines`);
  }
  return long;
}
