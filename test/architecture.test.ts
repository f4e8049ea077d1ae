import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { readRepository } from "./architecture/repository.ts";
import { longFiles, violations } from "./architecture/rules.ts";

const LONG = 350;
const repository = readRepository(fileURLToPath(new URL("..", import.meta.url)));

/** A repository of the files given, beside the manifests of two packages. */
function made(files: Record<string, string>) {
  return new Map(
    Object.entries({
      "packages/core/package.json": `{ "exports": { ".": {}, "./runtime": {} } }`,
      "packages/cli/package.json": `{ "exports": { ".": {} } }`,
      ...files,
    }),
  );
}

describe("the repository", () => {
  test("keeps its layout", () => {
    expect(repository.size).toBeGreaterThan(30);
    expect(violations(repository)).toEqual([]);
  });

  test("is not suspiciously empty of imports to judge", () => {
    expect([...repository.keys()].filter((path) => path.startsWith("packages/core/src/")).length).toBeGreaterThan(3);
    for (const path of longFiles(repository, LONG)) console.warn(`long file, ${path} (over ${LONG})`);
  });
});

describe("the rules find", () => {
  const cases: [fault: string, files: Record<string, string>, message: string][] = [
    [
      "a lower floor that imports a higher one",
      {
        "packages/core/src/loop/a.ts": `import { run } from "../run/run.ts";`,
        "packages/core/src/run/run.ts": "export {};",
      },
      "packages/core/src/loop/a.ts:1: floor 1 (loop) imports ../run/run.ts of floor 5",
    ],
    [
      "an import of a higher floor that keeps nothing but a type",
      { "packages/core/src/loop/a.ts": `\nimport { type Task } from "../task/task.ts";` },
      "packages/core/src/loop/a.ts:2: floor 1 (loop) imports ../task/task.ts of floor 3",
    ],
    [
      "a type that is imported from a door",
      { "packages/core/src/loop/a.ts": `import type { Task } from "../index.ts";` },
      "packages/core/src/loop/a.ts:1: floor 1 (loop) imports ../index.ts of floor 6",
    ],
    [
      "a folder that imports its neighbour of the same floor",
      { "packages/core/src/queue/a.ts": `export * from "../sync/lock.ts";` },
      "packages/core/src/queue/a.ts:1: floor 4 (queue) imports ../sync/lock.ts of floor 4",
    ],
    [
      "a file that imports the door of its own package",
      { "packages/core/src/run/a.ts": `import { sleep } from "../index.ts";` },
      "packages/core/src/run/a.ts:1: floor 5 (run) imports ../index.ts of floor 6",
    ],
    [
      "a folder that the floors do not know",
      { "packages/core/src/extra/a.ts": "export {};" },
      "packages/core/src/extra/a.ts: stands on no floor of the core",
    ],
    [
      "a Node module in the core",
      { "packages/core/src/loop/host.ts": `import { performance } from "node:perf_hooks";` },
      "packages/core/src/loop/host.ts:1: the core imports nothing, but here node:perf_hooks",
    ],
    [
      "a package that the core loads later",
      { "packages/core/src/loop/host.ts": "await import(`left-pad`);" },
      "packages/core/src/loop/host.ts:1: the core imports nothing, but here left-pad",
    ],
    [
      "a computed import in the core",
      { "packages/core/src/loop/host.ts": "const name = 'node:' + 'fs';\nawait import(name);" },
      "packages/core/src/loop/host.ts:2: the core imports nothing, but here a computed specifier",
    ],
    [
      "a circle of two files",
      {
        "packages/core/src/task/a.ts": `import { b } from "./b.ts"; export const a = b;`,
        "packages/core/src/task/b.ts": `import { type A } from "./a.ts"; export const b = 1;`,
      },
      "packages/core/src/task/a.ts: import circle packages/core/src/task/a.ts → packages/core/src/task/b.ts → packages/core/src/task/a.ts",
    ],
    [
      "a circle through dynamic import and re-export",
      {
        "packages/cli/src/a.ts": `export const a = () => import("./b.ts");`,
        "packages/cli/src/b.ts": `export * from "./c.ts";`,
        "packages/cli/src/c.ts": `import "./a.ts";`,
      },
      "packages/cli/src/a.ts: import circle packages/cli/src/a.ts → packages/cli/src/b.ts → packages/cli/src/c.ts → packages/cli/src/a.ts",
    ],
    [
      "a way around a package's door by a relative path",
      { "packages/cli/src/a.ts": `import { run } from "../../core/src/run/run.ts";` },
      "packages/cli/src/a.ts:1: src leaves its folder by ../../core/src/run/run.ts",
    ],
    [
      "a test that enters another package by a relative path",
      { "packages/cli/test/a.test.ts": `import { run } from "../../core/src/run/run.ts";` },
      "packages/cli/test/a.test.ts:1: enters package core by ../../core/src/run/run.ts, not by its door",
    ],
    [
      "a deep import where there is no door",
      { "examples/e/src/a.ts": `import { run } from "tsyncio/dist/run/run.js";` },
      "examples/e/src/a.ts:1: tsyncio/dist/run/run.js is no door of package core",
    ],
    [
      "an import against the diagram",
      { "packages/keywords/src/a.ts": `import { main } from "@tsyncio/cli";` },
      "packages/keywords/src/a.ts:1: package keywords imports @tsyncio/cli against the diagram",
    ],
    [
      "a package that imports itself by name",
      { "packages/cli/src/a.ts": `import { main } from "@tsyncio/cli";` },
      "packages/cli/src/a.ts:1: package cli imports itself by @tsyncio/cli",
    ],
    [
      "a package that the diagram does not know",
      { "packages/extra/src/a.ts": "export {};" },
      "packages/extra/src/a.ts: package extra has no place in the diagram",
    ],
    [
      "a file name that says nothing",
      { "packages/cli/src/utils.ts": "export {};" },
      `packages/cli/src/utils.ts: "utils.ts" does not say what is inside`,
    ],
    [
      "a folder name that says nothing",
      { "packages/cli/src/helpers/parse.ts": "export {};" },
      `packages/cli/src/helpers/parse.ts: "helpers" does not say what is inside`,
    ],
    [
      "a file name that is not in kebab-case",
      { "packages/cli/src/runFile.ts": "export {};" },
      "packages/cli/src/runFile.ts: file names are in kebab-case",
    ],
    [
      "a reference to a place outside the repository",
      { "docs/guide/a.md": `first\nsee ${["..", "shared"].join("/")}/design` },
      "docs/guide/a.md:2: refers to a place outside the repository",
    ],
  ];

  test.each(cases)("%s", (_, files, message) => {
    const found = violations(made(files));
    expect(found).toEqual([message]);
  });

  test("nothing in a layout that is kept", () => {
    const files = made({
      "packages/core/src/index.ts": `export { run } from "./run/run.ts";`,
      "packages/core/src/run/run.ts": `import { Task } from "../task/task.ts"; import "./signals.ts";`,
      "packages/core/src/run/signals.ts": `import { a } from "../errors.ts";`,
      "packages/core/src/loop/loop.ts": `import type { Task } from "../task/task.ts";`,
      "packages/core/src/task/task.ts": `import { Loop } from "../loop/loop.ts";`,
      "packages/core/src/errors.ts": `import { type Duration } from "./duration.ts";`,
      "packages/core/test/run/run.test.ts": `import { run } from "tsyncio"; import "../../src/run/run.ts";`,
      "vitest.config.ts": `import { vitest } from "./packages/keywords/src/vitest.ts";`,
      "packages/keywords/package.json": `{ "exports": { "./vitest": { "@tsyncio/source": "./src/vitest.ts" } } }`,
      "packages/cli/src/index.ts": `import { enter } from "tsyncio/runtime"; import "node:fs"; import "commander";`,
    });
    expect(violations(files)).toEqual([]);
  });

  test("a file that has become long", () => {
    expect(longFiles(made({ "packages/cli/src/a.ts": "\n".repeat(350) }), 350)).toEqual([
      "packages/cli/src/a.ts: 351 lines",
    ]);
  });
});
