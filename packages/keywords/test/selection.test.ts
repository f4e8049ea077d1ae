import { describe, expect, test } from "vitest";
import { transform } from "../src/transform.ts";

const FUNCTION = "export async function f() { await 1; }";

function touched(code: string, filename = "a.ts"): boolean {
  return transform(code, { filename }) !== null;
}

describe("a file is touched", () => {
  test.each([
    ["that imports from tsyncio", `import { sleep } from "tsyncio";`],
    ["that imports a type only", `import type { Task } from "tsyncio";`],
    ["that imports from a package of the house", `import { openConnection } from "@tsyncio/node";`],
    ["that imports a part of one", `import "@tsyncio/node/streams";`],
    ["that exports from tsyncio", `export { sleep } from "tsyncio";`],
    ["that exports everything of tsyncio", `export * from "tsyncio";`],
    ["that says so", `"use tsyncio";`],
    ["that says so after another directive", `"use client"; "use tsyncio";`],
  ])("%s", (_, code) => {
    expect(touched(`${code}\n${FUNCTION}`)).toBe(true);
  });

  test("that requires tsyncio", () => {
    const { code } = transform(`const { sleep } = require("tsyncio");\nasync function f() { await sleep(1); }`, {
      filename: "a.js",
    })!;
    expect(code).toContain(
      `const{enter:$enter,SUSPEND:$SUSPEND,leave:$leave,frame:$frame,mark:$mark}=require("tsyncio/runtime");`,
    );
  });
});

describe("a file is not touched", () => {
  test.each([
    ["that has nothing to do with tsyncio", `import { x } from "other";`],
    ["that imports a package with a similar name", `import { x } from "tsyncio-extras";`],
    ["that imports by a path with the name in it", `import { x } from "./tsyncio.js";`],
    ["that only mentions it", `const x = "tsyncio"; // import from "tsyncio"`],
    ["that says native async", `"native async"; import { sleep } from "tsyncio";`],
    ["that says both", `"use tsyncio"; "native async";`],
  ])("%s", (_, code) => {
    expect(touched(`${code}\n${FUNCTION}`)).toBe(false);
  });

  test("whose name is not one of JavaScript or TypeScript", () => {
    expect(touched(`import "tsyncio"; ${FUNCTION}`, "a.vue")).toBe(false);
  });
});

describe("native async", () => {
  test("leaves a function alone, with all that is inside", () => {
    const text = `async function f() { "native async"; const g = async () => { await 1; }; class C { async m() { await 2; } } await g(); }`;
    const { code } = transform(`"use tsyncio"; ${text} async function g() {}`, {
      filename: "a.ts",
      stripTypes: false,
    })!;
    expect(code).toContain(text);
  });

  test("leaves top-level await alone", () => {
    const text = `await x; for await (const y of z) y; await using d = e;`;
    const { code } = transform(`"use tsyncio"; ${text}`, { filename: "a.ts", stripTypes: false })!;
    expect(code).toBe(`"use tsyncio"; ${text}`);
  });
});

describe("the import of the runtime", () => {
  test("stands on the line of the first statement, behind directives and a hashbang", () => {
    const { code } = transform(
      `#!/usr/bin/env node\n"use client";\nimport "tsyncio"; async function f() { for (;;) { try {} finally { await 1; } } }`,
      {
        filename: "a.ts",
        stripTypes: false,
      },
    )!;
    expect(code.split("\n")).toEqual([
      "#!/usr/bin/env node",
      `"use client";`,
      `import{enter as $enter,SUSPEND as $SUSPEND,coro as $coro,mark as $mark}from"tsyncio/runtime";$mark(f);import "tsyncio";  function f(){return $coro(f$(),f$,1)}function*f$() { for (;;) { try {} finally { $enter( 1)===$SUSPEND?yield:0; } } }`,
    ]);
  });

  test("names the module that is asked for", () => {
    const { code } = transform(`"use tsyncio"; ${FUNCTION}`, { filename: "a.ts", runtime: "./my-runtime.js" })!;
    expect(code).toContain(`"./my-runtime.js"`);
  });

  test("does not collide with names of the file", () => {
    const { code } = transform(`"use tsyncio"; const $enter = 1, $frame1 = 2, $frame = 3; ${FUNCTION}`, {
      filename: "a.ts",
    })!;
    expect(code).toMatch(/enter as \$enter1.*frame as \$frame2/);
  });
});

test("lines stay lines when types stay", () => {
  const text = `"use tsyncio";
const f = async <T,>(
  a: T,
  b?: number,
): Promise<T> =>
  // body
  a;
outer:
for (const x of []) {}
async function g(
  this: unknown,
) {
  here:
  for await (
    const { a,
      b } of
    // source
    f([])
  ) {
    await using r = a, s =
      b;
    try { return await
      f(1) } finally {}
  }
}
class A { @dec
  async
  m() {} static async *
  [Symbol.iterator]() {} }`.replace("async\n  m", "async m");
  const { code } = transform(text, { filename: "a.ts", stripTypes: false, sourcemap: false })!;
  expect(code.split("\n")).toHaveLength(text.split("\n").length);
});

test("without a source map none is made", () => {
  expect(transform(`"use tsyncio"; ${FUNCTION}`, { filename: "a.ts", sourcemap: false })!.map).toBeNull();
});
