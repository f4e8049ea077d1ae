import { expect, test } from "vitest";
import { transform } from "../src/transform.ts";
import { bothWays } from "./both-ways.ts";
import { expectNoGenerator } from "./called-again.ts";

const arrows: Record<string, string> = {
  "a member of what is awaited": `const f = async (x) => (await tick({ json: () => tick([x]) })).json(); return f(1);`,
  "an object": `const f = async (x) => ({ id: x, row: await tick(x) }); return f(2);`,
  "an object that is awaitable": `const f = async (x) => ({ row: await tick(x), then(ok) { log("awaited"); ok(this.row + 1); } }); return f(2);`,
  "an array of awaits, in order": `const f = async (x) => [await tick(log("a") ?? x), await tick(log("b") ?? 2)]; return f(1);`,
  "what begins with an await": `const f = async (x) => await tick(x) + 1; return f(1);`,
  "with a comment before it": `const f = async (x): Promise<number> => /* c */ await tick(x) + 1; return f(1);`,
  "on the next line": `const f = async (x) =>\n  // c\n  (await tick(x)) + 1; return f(1);`,
  "on the next line, and begins with an await": `const f = async (x) =>\n  // c\n  await tick(x) + 1; return f(1);`,
  "a bare parameter": `const f = async x => (await tick(x)).length; return f("four");`,
  "no parameter, as an argument": `return Promise.all([1, 2].map(async (x) => -(await tick(x))));`,
  "in an arrow": `const f = async (x) => [await (async (y) => [x, await tick(y)])(3), await tick(x)]; return f(1);`,
  "an error": `const f = async (x) => (await tick(x)).none.none; try { await f(1); } catch (error) { return error.message; }`,
  "what is awaited fails": `const f = async (x) => [await tick(log(1)), await gone(new Error("gone"))]; try { await f(1); } catch (error) { return error.message; }`,
  "its name and length": `const f = async (x, y) => [await x, y]; return [f.name, f.length, isCoroutineFunction(f) || "native"].slice(0, 2);`,
};

test.each(Object.entries(arrows))(
  "an arrow that gives what waits does what it does natively: %s",
  async (_, program) => {
    const wrapped = `"use tsyncio"; const main = (log, tick, gone, isCoroutineFunction) => {${program}}`;
    const { code } = transform(wrapped.replaceAll(/await (?=f\()/g, ""), { filename: "a.ts" })!;
    expectNoGenerator(code);
    const { native, compiled } = await bothWays(program);
    expect(compiled).toEqual(native);
  },
);
