import { execFile } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readRepository } from "./architecture/repository.ts";
import { examplesOf, linksOf, type Snippet, snippetsOf } from "./documentation/page.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "temp", "documentation");
const cli = join(root, "packages/cli/bin/tsyncio.js");
const compiler = join(root, "node_modules/typescript/bin/tsc");
const LIMIT_MS = 30_000;
const start = promisify(execFile);

const files = [...readRepository(root)];
const pages = files.filter(([path]) => /\.mdx?$/.test(path) && !/^(conformance|etc)\//.test(path));
const sources = files.filter(([path]) => /^packages\/[^/]+\/src\/.*\.ts$/.test(path));

interface Program extends Snippet {
  readonly path: string;
  readonly file: string;
}

function programsOf(path: string, snippets: readonly Snippet[]): Program[] {
  return snippets.map((snippet) => ({ ...snippet, path, file: join(folder, `${path}.${snippet.line}.ts`) }));
}

const programs = [
  ...pages.flatMap(([path, page]) => programsOf(path, snippetsOf(page))),
  ...sources.flatMap(([path, source]) => programsOf(path, examplesOf(source))),
];

beforeAll(() => {
  for (const { file, code } of programs) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${code}\n`);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a program wrote, its own name being app.ts. */
async function outputOf(file: string): Promise<{ stdout: string; stderr: string }> {
  const { stdout, stderr } = await start(process.execPath, [cli, "run", file], { timeout: LIMIT_MS });
  return { stdout: stdout.trimEnd(), stderr: stderr.trimEnd().replaceAll(file, "app.ts") };
}

/** Comments `// → a, b` show two lines in one. */
const inOneLine = (text: string) => text.replaceAll("\n", ", ");

describe("a program in the documentation", () => {
  test.concurrent.each(programs)(
    "$path, line $line, runs and prints what is shown",
    async ({ file, code, prints, reports }) => {
      const { stdout, stderr } = await outputOf(file);
      const shown = code.includes("// → ") ? inOneLine : (text: string) => text;
      expect({ stdout: shown(stdout), stderr }).toEqual({ stdout: shown(prints ?? stdout), stderr: reports });
    },
    LIMIT_MS,
  );
});

test(
  "every program in the documentation passes the type check",
  async () => {
    const config = join(folder, "tsconfig.json");
    // As users have it: against what was built, each file a module.
    const compilerOptions = {
      customConditions: [],
      moduleDetection: "force",
      noUnusedLocals: false,
      noUnusedParameters: false,
    };
    writeFileSync(
      config,
      JSON.stringify({ extends: join(root, "tsconfig.test.json"), compilerOptions, include: ["**/*.ts"] }),
    );
    const { stdout } = await start(process.execPath, [compiler, "-p", config], { cwd: folder }).catch((error) => error);
    expect(stdout).toBe("");
  },
  LIMIT_MS,
);

test("every link to a file of the repository leads somewhere", () => {
  const lost = pages.flatMap(([path, page]) =>
    linksOf(page)
      .filter((link) => !existsSync(join(root, dirname(path), link)))
      .map((link) => `${path}: ${link}`),
  );
  expect(lost).toEqual([]);
});

describe("linksOf", () => {
  test("gives relative targets without their anchors, and nothing from fences", () => {
    const page = "[a](b.md#c) [d](https://e.example) [f](#g)\n```md\n[h](i.md)\n```\n[j](../k/)";
    expect(linksOf(page)).toEqual(["b.md", "../k/"]);
  });
});

describe("snippetsOf", () => {
  const fence = (info: string, ...lines: string[]) => ["```" + info, ...lines, "```"].join("\n");

  test("pairs a program with the text that follows it", () => {
    const page = ["# Title", fence("ts", "a();", "b();"), "It prints", fence("text", "one", "two")].join("\n");
    expect(snippetsOf(page)).toEqual([{ line: 3, code: "a();\nb();", prints: "one\ntwo", reports: "" }]);
  });

  test("reads what a program prints from its arrows", () => {
    expect(snippetsOf(fence("ts", "a(); // → one", "b(); // not shown", "c(); // → two"))[0].prints).toBe("one\ntwo");
  });

  test("reads what a program reports on stderr, with and without what it prints", () => {
    const both = [fence("ts", "a();"), fence("text", "one"), fence("text stderr", "two")].join("\n");
    const one = [fence("ts", "b();"), fence("text stderr", "three")].join("\n");
    expect(snippetsOf(both)[0]).toMatchObject({ prints: "one", reports: "two" });
    expect(snippetsOf(one)[0]).toMatchObject({ prints: null, reports: "three" });
  });

  test("leaves out fragments and other languages", () => {
    expect(snippetsOf([fence("ts fragment", "a"), fence("python", "b"), fence("sh", "c")].join("\n"))).toEqual([]);
  });

  test("takes no text that belongs to another program", () => {
    const page = [fence("ts", "a()"), fence("python", "b()"), fence("text", "of b")].join("\n");
    expect(snippetsOf(page)).toEqual([{ line: 2, code: "a()", prints: null, reports: "" }]);
  });
});

describe("examplesOf", () => {
  test("reads programs from comments, with their lines in the file", () => {
    const source =
      "import x from 'x';\n/**\n * One.\n * ```ts\n * import a from 'a';\n * a(); // → 1\n * ```\n */\nx();\n";
    expect(examplesOf(source)).toEqual([
      { line: 5, code: "import a from 'a';\na(); // → 1", prints: "1", reports: "" },
    ]);
  });
});
