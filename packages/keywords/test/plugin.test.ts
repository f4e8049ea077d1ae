import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as esbuildTool from "esbuild";
import { build as viteBuild, type Rolldown } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import { esbuild, vite } from "../src/plugin.ts";
import { type Built, buildDoors, run } from "./built.ts";

const SOURCE = `import { isCoroutineFunction } from "tsyncio";
interface Options { wait: number }

export async function work({ wait }: Options): Promise<number> {
  return (await Promise.resolve(wait)) + 1;
}
export const known: boolean = isCoroutineFunction(work);
console.log(await work({ wait: 1 }), known);
`;

let built: Built;
beforeAll(async () => {
  built = await buildDoors("plugin");
  built.write({ "package.json": `{ "type": "module" }`, "app.ts": SOURCE });
});
afterAll(() => built.remove());

async function printed(code: string, file: string): Promise<string> {
  built.write({ [file]: code });
  return (await run([file], built.folder)).stdout;
}

describe("the bundler plugin", () => {
  test("compiles for Vite, with an exact map", async () => {
    const result = (await viteBuild({
      configFile: false,
      root: built.folder,
      logLevel: "silent",
      plugins: [vite()],
      build: { ssr: "app.ts", write: false, sourcemap: true, minify: false },
    })) as Rolldown.RolldownOutput;
    const [chunk] = result.output;
    const lines = chunk.code.split("\n");
    const line = lines.findIndex((text) => text.includes("Promise.resolve")) + 1;
    const position = originalPositionFor(new TraceMap(chunk.map as never), {
      line,
      column: lines[line - 1]!.indexOf("Promise.resolve"),
    });
    expect(position).toMatchObject({ line: 5, column: 16 });
    expect(await printed(chunk.code, "vite.mjs")).toBe("2 true\n");
  });

  test("compiles for esbuild", async () => {
    const result = await esbuildTool.build({
      entryPoints: [join(built.folder, "app.ts")],
      bundle: true,
      write: false,
      format: "esm",
      packages: "external",
      plugins: [esbuild()],
    });
    expect(await printed(result.outputFiles[0]!.text, "esbuild.mjs")).toBe("2 true\n");
  });

  test("is still right after minification", async () => {
    const result = await esbuildTool.build({
      entryPoints: [join(built.folder, "app.ts")],
      bundle: true,
      write: false,
      minify: true,
      format: "esm",
      packages: "external",
      plugins: [esbuild()],
    });
    expect(await printed(result.outputFiles[0]!.text, "minified.mjs")).toBe("2 true\n");
  });
});

describe("the Vitest plugin", () => {
  test("compiles tests and what they import", async () => {
    const vitest = pathToFileURL(join(built.doors, "vitest.js")).href;
    built.write({
      "vitest.config.mjs": `import { vitest } from ${JSON.stringify(vitest)};\nexport default { plugins: [vitest()], test: { reporters: ["json"] } };`,
      "some.test.ts": `import { expect, test } from "vitest";
        import { isCoroutineFunction } from "tsyncio";
        import { work } from "./app.ts";
        test("compiled", async () => {
          using gone = { [Symbol.dispose]() {} };
          const f = async () => 1;
          expect([isCoroutineFunction(f), isCoroutineFunction(work), await f()]).toEqual([true, true, 1]);
        });
        test("fails when it fails", async () => { await Promise.resolve(); throw new Error("expected"); });`,
    });
    const cli = new URL("../../../node_modules/vitest/vitest.mjs", import.meta.url).pathname;
    const { stdout } = await run(
      [cli, "run", "--root", built.folder, "--config", "vitest.config.mjs"],
      join(built.doors, "../.."),
    );
    const report = JSON.parse(stdout.slice(stdout.indexOf("{"))) as {
      testResults: { assertionResults: { title: string; status: string; failureMessages: string[] }[] }[];
    };
    const results = report.testResults[0]!.assertionResults;
    expect(results.map(({ title, status }) => [title, status])).toEqual([
      ["compiled", "passed"],
      ["fails when it fails", "failed"],
    ]);
    expect(results[1]!.failureMessages[0]).toMatch(/some\.test\.ts:9:\d+/);
  }, 30_000);
});
