import { expect, test } from "vitest";
import { SourceError } from "../src/source-error.ts";
import { transform } from "../src/transform.ts";

function errorOf(code: string, filename = "src/app.ts"): SourceError {
  try {
    transform(code, { filename });
  } catch (error) {
    return error as SourceError;
  }
  throw new Error("Cannot test the error: none was thrown");
}

test("await in a parameter default is a SyntaxError that says where", () => {
  const error = errorOf(`import "tsyncio";\n/*é😀*/ async function f(a = await g()) {}`);
  expect(error).toBeInstanceOf(SyntaxError);
  expect(error.message).toBe("src/app.ts:2:30: Cannot compile: await expression not allowed in formal parameter");
  expect(error.loc).toEqual({ file: "src/app.ts", line: 2, column: 29 });
  expect(error.code).toBe("TSYNCIO_SOURCE");
});

test("await in the parameter default of an arrow is one too", () => {
  expect(errorOf(`import "tsyncio";\nconst f = async (a = await g()) => a;`).message).toMatch(/^src\/app\.ts:2:22: /);
});

test("a text that cannot be parsed is a SyntaxError that says where, and shows the line", () => {
  const error = errorOf(`import "tsyncio";\nconst x = ;`);
  expect(error).toBeInstanceOf(SourceError);
  expect(error.message).toMatch(/^src\/app\.ts:2:11: Cannot compile: /);
  expect(error.frame).toBe("2 | const x = ;\n  |           ^");
});

test("await in a function that is not async is one", () => {
  expect(errorOf(`import "tsyncio";\nfunction f() { await g(); }`).message).toMatch(/^src\/app\.ts:2:16: /);
});

test("a name declared twice is one", () => {
  expect(errorOf(`import "tsyncio";\nlet a; let a;`).loc.line).toBe(2);
});
