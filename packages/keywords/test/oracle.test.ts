import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse, type SourceFormat } from "../src/parse.ts";
import { transform } from "../src/transform.ts";

/**
 * What is installed here, compiled: Babel, which knows nothing of us, must be able to read it, and must find a generator
 * for each async function that is neither an arrow which only waits for what it gives (one for all of these) nor called again to go on and no `await` in a function. `TSYNCIO_ORACLE=all` takes every file, otherwise a sample.
 */
const SAMPLE = 40;
const packages = fileURLToPath(new URL("../../../node_modules/", import.meta.url));
const babel = createRequire(import.meta.url)("@babel/core") as Babel;

/** The part of Babel that is used here; it comes without types. */
interface Babel {
  parseSync(code: string, options: object): object;
  traverse(tree: object, visitor: Readonly<Record<string, (path: BabelPath) => void>>): void;
}
interface BabelPath {
  readonly node: { readonly async: boolean; readonly generator: boolean; readonly await: boolean };
  getFunctionParent(): BabelPath | null;
}

interface Shape {
  generators: number;
  asyncFunctions: number;
  awaits: number;
}

/** What Babel counts; awaits at the top of a module are native before and after. */
function shapeOf(code: string, format: SourceFormat): Shape {
  const shape: Shape = { generators: 0, asyncFunctions: 0, awaits: 0 };
  const tree = babel.parseSync(code, {
    babelrc: false,
    configFile: false,
    sourceType: format === "module" ? "module" : "script",
    parserOpts: { allowReturnOutsideFunction: true, plugins: ["explicitResourceManagement"] },
  });
  babel.traverse(tree, {
    Function({ node }) {
      if (node.async) shape.asyncFunctions++;
      else if (node.generator) shape.generators++;
    },
    AwaitExpression(path) {
      if (path.getFunctionParent() !== null) shape.awaits++;
    },
    ForOfStatement(path) {
      if (path.node.await && path.getFunctionParent() !== null) shape.awaits++;
    },
  });
  return shape;
}

interface Candidate {
  readonly file: string;
  readonly code: string;
  readonly format: SourceFormat;
}

function* candidates(folder: string): Generator<Candidate> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* candidates(path);
    else if (entry.isFile() && /\.[cm]?js$/.test(entry.name)) {
      const text = readFileSync(path, "utf8");
      if (text.length > 1_000_000 || !/\basync\b[\s*]*(?:function|\(|[\w$#[])/.test(text) || text.includes("@flow"))
        continue;
      const [hashbang] = /^#!.*/.exec(text) ?? [""];
      const code = `${hashbang}${hashbang === "" ? "" : "\n"}"use tsyncio";${text.slice(hashbang.length)}`;
      const format = formatOf(code, path);
      if (format !== undefined) yield { file: path, code, format };
    }
  }
}

function formatOf(code: string, file: string): SourceFormat | undefined {
  for (const format of ["module", "commonjs"] as const) {
    try {
      if (parse(code, file, format).module.hasModuleSyntax === (format === "module")) return format;
    } catch {
      // It is of the other format, or none.
    }
  }
  return undefined;
}

describe("installed packages compile to what Babel reads as generators", () => {
  // Every file takes most of a minute.
  const all = process.env["TSYNCIO_ORACLE"] === "all";
  test("all of them, or a sample", () => {
    let [files, functions, again, plain] = [0, 0, 0, 0];
    const failures: string[] = [];
    for (const { file, code, format } of candidates(packages)) {
      if (++files > SAMPLE && !all) break;
      try {
        const before = shapeOf(code, format);
        const compiled = transform(code, { filename: file, format, stripTypes: false, sourcemap: false })!.code;
        const after = shapeOf(compiled, format);
        const arrows = compiled.match(/\$given\d*\(\(\)=>/g)?.length ?? 0;
        const declarations = compiled.match(/\)\{return \$tail\d*\(/g)?.length ?? 0;
        const reentered = compiled.match(/(?:\{return |=> ?)\$(?:frame|methodFrame)\d*\(/g)?.length ?? 0;
        const methods = compiled.match(/\$frameMethod\d*\(/g)?.length ?? 0;
        const without = arrows + declarations + reentered + methods;
        functions += before.asyncFunctions;
        again += reentered + methods;
        plain += arrows + declarations;
        const generators = before.generators + before.asyncFunctions - without + (arrows > 0 ? 1 : 0);
        expect(after).toEqual({ generators, asyncFunctions: 0, awaits: 0 });
        expect(compiled.split("\n")).toHaveLength(code.split("\n").length);
      } catch (error) {
        failures.push(`${file}: ${String(error).slice(0, 300)}`);
      }
    }
    if (all)
      console.log(
        `${files} files of installed packages: of ${functions} async functions ${again} are called again, ${plain} never wait`,
      );
    expect(failures).toEqual([]);
    expect(files).toBeGreaterThan(SAMPLE);
  }, 600_000);
});
