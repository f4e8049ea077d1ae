import { describe, expect, test } from "vitest";
import { keepDeclarations } from "../../src/repl/keep-declarations.ts";
import { INCOMPLETE, parseInput } from "../../src/repl/parse-input.ts";

function kept(text: string): { body: string; names: readonly string[] } {
  const parsed = parseInput(text);
  if (parsed === INCOMPLETE) throw new Error(`${text} is incomplete`);
  const { body, names } = keepDeclarations(parsed);
  return { body, names };
}

describe("an input", () => {
  test.each([
    ["const a: number = 1, b = a", ["a", "b"], ";(a=1), (b=a);"],
    ["let a", ["a"], ";(a=undefined);"],
    ["var { a, b: [c = 1, ...d] } = x;", ["a", "c", "d"], ";({ a, b: [c = 1, ...d] }=x);"],
    ["class A {}", ["A"], "class A {};globalThis.A=A;"],
    [
      'import a, { b as c } from "m"',
      ["a", "c"],
      ';({"default":a,"b":c}=$module(await import("m"),"m",["default","b"]));',
    ],
    ["await f()", [], ";return{value:(await f())}"],
    ["export const a = 1", ["a"], ";(a=1);"],
    ["if (x) { const y = 1 }", [], "if (x) { const y = 1 }"],
    ["type A = 1", [], "type A = 1"],
  ])("%s declares %j", (text, names, body) => {
    expect(kept(text)).toEqual({ body: expect.stringContaining(body), names });
  });

  test("assigns its functions first, as hoisting does", () => {
    const { body, names } = kept("f()\nasync function f() {}");
    expect(names).toEqual(["f"]);
    expect(body.indexOf(";f=async function")).toBeLessThan(body.indexOf("f()\n"));
  });

  test.each(["f(", "`a\nb", "async () => {", "/* a", "if (x) {", "a +", "class A {", "try {}", "[1,", "{ a: 1,"])(
    "%j wants more lines",
    (text) => {
      expect(parseInput(text)).toBe(INCOMPLETE);
    },
  );

  test.each(["1 +* 2", "foo bar", "const", ")"])("%j is wrong, or unfinished for ever", (text) => {
    const read = (): unknown => parseInput(`${text}\n;`);
    expect(read).toThrow(SyntaxError);
  });
});
