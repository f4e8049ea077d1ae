import { execFile } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import { readRepository } from "./architecture/repository.ts";
import { linksOf, snippetsOf } from "./documentation/page.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "temp", "documentation");
const cli = join(root, "packages/cli/bin/tsyncio.js");
const LIMIT_MS = 30_000;

const pages = [...readRepository(root)].filter(([path]) => /\.mdx?$/.test(path) && !/^(conformance|etc)\//.test(path));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

for (const [path, page] of pages) {
  const snippets = snippetsOf(page);
  if (snippets.length === 0) continue;
  describe(path, () => {
    test.each(snippets)(
      "the program in line $line runs and prints what the page shows",
      async ({ line, code, prints }) => {
        const file = join(folder, `${path}.${line}.ts`);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, code);
        const { stdout, stderr } = await promisify(execFile)(process.execPath, [cli, "run", file], {
          timeout: LIMIT_MS,
        });
        expect({ stdout: stdout.trimEnd(), stderr }).toEqual({ stdout: prints ?? stdout.trimEnd(), stderr: "" });
      },
      LIMIT_MS,
    );
  });
}

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
    expect(snippetsOf(page)).toEqual([{ line: 3, code: "a();\nb();", prints: "one\ntwo" }]);
  });

  test("reads what a program prints from its arrows", () => {
    expect(snippetsOf(fence("ts", "a(); // → one", "b(); // not shown", "c(); // → two"))[0].prints).toBe("one\ntwo");
  });

  test("leaves out fragments and other languages", () => {
    expect(snippetsOf([fence("ts fragment", "a"), fence("python", "b"), fence("sh", "c")].join("\n"))).toEqual([]);
  });

  test("takes no text that belongs to another program", () => {
    const page = [fence("ts", "a()"), fence("python", "b()"), fence("text", "of b")].join("\n");
    expect(snippetsOf(page)).toEqual([{ line: 2, code: "a()", prints: null }]);
  });
});
