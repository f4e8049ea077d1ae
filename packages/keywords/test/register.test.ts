import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Built, buildDoors, type Ran, run } from "./built.ts";

let built: Built;
beforeAll(async () => {
  built = await buildDoors("register");
  built.write({ "package.json": `{ "type": "module" }` });
});
afterAll(() => built.remove());

function runProgram(file: string, cwd = built.folder): Promise<Ran> {
  return run(["--import", pathToFileURL(join(built.doors, "register.js")).href, file], cwd);
}

describe("node --import @tsyncio/keywords/register", () => {
  test("compiles TypeScript that imports tsyncio", async () => {
    built.write({
      "app.ts": `import { isCoroutineFunction, type Nothing } from "tsyncio";
        async function f(x: number): Promise<number> { return x + (await Promise.resolve(1)); }
        console.log(await f(1), isCoroutineFunction(f), f(2) instanceof Promise);`,
    });
    expect(await runProgram("app.ts")).toEqual({ status: 0, stdout: "2 true false\n", stderr: "" });
  });

  test("enters its address where workers look for what they load first, once", async () => {
    const address = pathToFileURL(join(built.doors, "register.js")).href;
    built.write({
      "preload.js": `import "tsyncio"; await import(${JSON.stringify(address)});
        console.log(globalThis[Symbol.for("tsyncio.worker.preload")].join());`,
    });
    expect(await runProgram("preload.js")).toEqual({ status: 0, stdout: `${address}\n`, stderr: "" });
  });

  test("gives exact stack lines, inside of compiled functions too", async () => {
    built.write({
      "stack.ts": `import "tsyncio";
interface Gone { a: 1 }

const inner = async (x: number) => {
  await null;
  throw new Error("here");
};
async function outer() {
  await inner(1);
}
try { await outer(); } catch (error) { console.log((error as Error).stack); }
`,
    });
    const { stdout } = await runProgram("stack.ts");
    expect(stdout).toMatch(/^Error: here\n.*stack\.ts:6:9/);
  });

  test("strips TypeScript that is not touched, with exact stack lines", async () => {
    built.write({
      "plain.ts": `interface Gone { a: 1 }
enum E { A = "a" }

async function f(): Promise<void> {
  const x: E = E.A;
  throw new Error(x);
}
console.log(f() instanceof Promise);
f().catch((error: Error) => console.log(error.stack));
`,
    });
    expect((await runProgram("plain.ts")).stdout).toMatch(/^true\nError: a\n.*plain\.ts:6:9/);
  });

  test("resolves .js and .mjs specifiers to the TypeScript files that they mean", async () => {
    built.write({
      "main.mts": `import { a } from "./lib/a.js"; import { b } from "./b.mjs"; import { c } from "./c.js"; console.log(a, b, c, (await import("./lib/a.js")).a);`,
      "lib/a.ts": `export const a: string = "a";`,
      "b.mts": `export const b: string = "b";`,
      "c.js": `export const c = "c.js";`,
      "c.ts": `export const c: string = "c.ts";`,
    });
    expect((await runProgram("main.mts")).stdout).toBe("a b c.js a\n");
  });

  test("compiles JavaScript that imports tsyncio and leaves other JavaScript alone", async () => {
    built.write({
      "a.mjs": `import { isCoroutineFunction } from "tsyncio"; import { f } from "./other.mjs"; const g = async () => 1; console.log(isCoroutineFunction(g), isCoroutineFunction(f));`,
      "other.mjs": `export const f = async () => 1;`,
    });
    expect((await runProgram("a.mjs")).stdout).toBe("true false\n");
  });

  test("keeps what a module exports: default functions, named or not, and functions of namespaces", async () => {
    built.write({
      "exports.ts": `import a, { later, space } from "./e1.js"; import b from "./e2.js"; import c from "./e3.js"; import { isCoroutineFunction } from "tsyncio";
        for (const f of [a, b, c, later, space.inner]) console.log(f.name, f.length, isCoroutineFunction(f), await f(4));`,
      "e1.ts": `import "tsyncio"; export default async function (x: number): Promise<number> { return x; } export async function later(x?: number) { return await x; } export namespace space { export async function inner(x: number) { return await x; } }`,
      "e2.ts": `import "tsyncio"; export default async (x: number) => { await 1; return x; };`,
      "e3.ts": `import "tsyncio"; export default async function named(x: number) { return named.name + x; }`,
    });
    expect((await runProgram("exports.ts")).stdout).toBe(
      "default 1 true 4\ndefault 1 true 4\nnamed 1 true named4\nlater 1 true 4\ninner 1 true 4\n",
    );
  });

  test("lowers using", async () => {
    built.write({
      "using.ts": `import "tsyncio";
        { using a = { [Symbol.dispose]: () => console.log("a") }; console.log("block"); }
        async function f() { using b = { [Symbol.dispose]: () => console.log("b") }; await using c = { [Symbol.asyncDispose]: async () => console.log("c") }; console.log("f"); }
        await f(); await using d = { [Symbol.asyncDispose]: async () => console.log("d") };`,
    });
    expect((await runProgram("using.ts")).stdout).toBe("block\na\nf\nc\nb\nd\n");
  });

  test("compiles JSX", async () => {
    built.write({
      "view.tsx": `/** @jsxRuntime classic @jsx h */ import "tsyncio"; const h = (tag: string, _: unknown, ...children: string[]) => tag + children; const f = async () => <b>{await Promise.resolve("x")}</b>; console.log(await f());`,
    });
    expect((await runProgram("view.tsx")).stdout).toBe("bx\n");
  });

  test("compiles CommonJS by its ending and by its package", async () => {
    built.write({
      "c.cts": `const { isCoroutineFunction } = require("tsyncio"); const f = async (x: number) => x; f(1).then((x: number) => console.log(x, isCoroutineFunction(f)));`,
      "old/package.json": `{ "type": "commonjs" }`,
      "old/d.ts": `const { isCoroutineFunction } = require("tsyncio"); async function f(x: number) { return x; } f(2).then((x: number) => console.log(x, isCoroutineFunction(f), typeof module));`,
    });
    expect((await runProgram("c.cts")).stdout).toBe("1 true\n");
    expect((await runProgram("old/d.ts")).stdout).toBe("2 true object\n");
  });

  test("says where a file cannot be compiled", async () => {
    built.write({ "bad.ts": `import "tsyncio";\nasync function f(a = await 1) {}` });
    const { status, stderr } = await runProgram("bad.ts");
    expect(status).toBe(1);
    expect(stderr).toMatch(/bad\.ts:2:22: Cannot compile: await expression not allowed in formal parameter/);
  });

  test("finds the runtime for a program from which it cannot be resolved", async () => {
    built.write({ "alone/package.json": `{ "type": "module" }` });
    const { rmSync, renameSync } = await import("node:fs");
    const [here, away] = [join(built.folder, "node_modules"), join(built.folder, "away")];
    built.write({ "alone/a.ts": `"use tsyncio"; const f = async () => 7; console.log(await f());` });
    renameSync(here, away);
    const ran = await runProgram("alone/a.ts");
    renameSync(away, here);
    rmSync(join(built.folder, "alone"), { recursive: true });
    expect(ran).toEqual({ status: 0, stdout: "7\n", stderr: "" });
  });
});
