import { existsSync } from "node:fs";
import { defineConfig, type Plugin } from "vitest/config";
import { vitest as keywords } from "./packages/keywords/src/vitest.ts";

/** Packages find each other's `src` through this export condition: tests need no build. */
const conditions = ["@tsyncio/source", "module", "node", "development|production"];

/** What is written with the keywords: tests named `*.kw.test.ts` or `*.kw.node.test.ts`, and the examples. Other tests are left as they are. */
const WITH_KEYWORDS = [/\.kw(\.node)?\.test\.ts$/, /\/examples\/[^/]+\/src\//];

/** Compiles the keywords in those files. */
export function keywordTests(): Plugin[] {
  return keywords().map((plugin) => {
    if (plugin.transform === undefined) return plugin;
    const handler = typeof plugin.transform === "function" ? plugin.transform : plugin.transform.handler;
    return { ...plugin, transform: { filter: { id: WITH_KEYWORDS }, handler } };
  });
}

/** One project of the suite: the tests of one folder. */
function project(name: string, root: string, options: { startsPrograms?: boolean; include?: string } = {}) {
  return {
    root,
    plugins: keywordTests(),
    // Node 20 knows no syntax above es2022, such as `using`.
    oxc: { target: "es2022" as const },
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    test: {
      name,
      include: [options.include ?? "test/**/*.test.ts"],
      environment: "node" as const,
      pool: "forks" as const,
      // For what hangs: how long a test takes is up to the machine.
      testTimeout: 30_000,
      // For the tests of what is collected as garbage, which call globalThis.gc.
      execArgv: ["--expose-gc"],
      // Programs and threads are started from dist.
      globalSetup: options.startsPrograms ? [new URL("test/build.ts", import.meta.url).pathname] : [],
    },
  };
}

export default defineConfig({
  test: {
    passWithNoTests: true,
    projects: [
      project("core", "packages/core"),
      project("conformance", "conformance", { include: "**/*.test.ts", startsPrograms: true }),
      project("keywords", "packages/keywords"),
      project("cli", "packages/cli", { startsPrograms: true }),
      project("node", "packages/node", { startsPrograms: true }),
      project("http", "packages/http", { startsPrograms: true }),
      project("batch", "packages/batch", { startsPrograms: true }),
      project("crawl", "packages/crawl", { startsPrograms: true }),
      project("observatory", "examples/observatory", { startsPrograms: true }),
      project("tools", "examples/tools", { startsPrograms: true }),
      project("workspace", ".", { startsPrograms: true }),
    ].filter(({ root }) => existsSync(new URL(root, import.meta.url))),
  },
});
