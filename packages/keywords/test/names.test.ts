import { expect, test } from "vitest";
import { transform } from "../src/transform.ts";
import { bothWays } from "./both-ways.ts";
import { expectNoGenerator } from "./called-again.ts";

const functions: Record<string, string> = {
  "one name in two blocks": `{ const r = await slow(1); log(r); } { const r = await slow(2); await tick(); log(r); } { let r; log(r); await tick(); r = 3; log(r); }`,
  "one name in loops one after the other": `for (let i = 0; i < 2; i++) log(await slow(i)); for (let i = 5; i < 7; i++) { await tick(); log(i); } for (const i of [8, 9]) log(await slow(i)); let n = 0; while (n++ < 2) { const i = await slow(n); log(i); }`,
  "one name in branches": `for (const c of [0, 1]) { if (c) { const x = await slow("a"); log(x); } else { const x = await slow("b"); await tick(); log(x); } }`,
  "one name in try and catch": `try { const x = await slow(1); log(x); throw x; } catch (e) { const x = await slow(e + 1); await tick(); log(x, e); }`,
  "one error after the other": `try { throw 1; } catch (e) { await tick(); log(e); } for (const e of [2, 3]) { await tick(); log(e); } { const e = await slow(4); await tick(); log(e); }`,
  "several in one declaration": `for (const t of [1, 2]) { const a = await slow(t), b = a + 1, c = await slow(b + a), { d, e = a } = { d: b }; log(a, b, c, d, e); let f, g: number = await slow(d), h = c; log(f, g, h); await tick(); f = 1; log(f); }`,
  "patterns in one declaration": `for (const t of [1, 2]) { let i, { j } = await slow({ j: t }), [k] = [await slow(4)] /* , */, l; log(i, j, k, l); i = 1; await tick(); log(i, j, k, l); }`,
  "a function that the body declares": `const n = 1; const first = h; log(h(1)); await tick(); log(first === h, h(2)); function h(x) { return x + n + k.length; } await tick(); function k(a, b) { return h; } log(k() === first, h.own ??= 5); await tick(); return [h.own, first === h, k() === h];`,
  "an async function that the body declares": `const seen = []; async function worker(x) { await tick(); seen.push(x); return worker; } const first = worker; log(first === (await worker(1))); for (const x of [2, 3]) log(first === (await worker(x)), worker === first); await Promise.all([worker(4), first(5)]); return seen;`,
  "functions of a body with many variables": `const a = 1, b = 2, c = 3; function f1() { return a + b; } function f2() { return f1() + c; } const [x, y] = [f1, f2]; await tick(); log(x === f1, y === f2, f2()); await tick(); return [x === f1, y === f2, x() + y()];`,
  "each turn begins anew": `for (const t of [0, 1]) { { let x; log(x); x = await slow(t); log(x); } { let x = 5; await tick(); x += t; log(x); } }`,
  "a function inside that declares the name itself": `let x = 1; const f = (x) => x + 1; await tick(); x++; log(f(5), [1, 2].map((x) => x * 2), (() => { let x = 9; return ++x; })(), x); x = await slow(7); return x;`,
  "var, a catch clause, a class and a function inside of a function": `let x = 1; await tick(); x++; const f = () => { if (1) { var x = 3; } return x; }; const g = () => { try { throw 4; } catch (x) { return x; } }; const h = () => { class x {} return x.name; }; const k = () => { function x() {} return x.name; }; log(f(), g(), h(), k(), x); await tick(); return x;`,
  "switch inside of a function": `let x = 1; await tick(); x++; const f = (a) => { switch (a) { case 1: { return 5; } default: let x = 3; return x; } }; log(f(1), f(2)); await tick(); return x;`,
  "a name of the head of a loop that does not wait": `let i = 5; await tick(); i++; for (let i = 0; i < 2; i++) log(i); for (const i of [7]) log(i); for (const i in { a: 1 }) log(i); await tick(); return i;`,
};

test.each(Object.entries(functions))("names of several variables mean what they mean natively: %s", async (_, body) => {
  const program = `const slow = async (v) => { await tick(); return v; }; const f = async () => {${body}}; return f();`;
  const { code } = transform(`"use tsyncio"; (log, tick, slow) => { const f = async () => {${body}}; }`, {
    filename: "a.ts",
  })!;
  expectNoGenerator(code);
  const { native, compiled } = await bothWays(program);
  expect(compiled).toEqual(native);
});

test.each([
  ["before it is declared", `await tick(); { log("in"); log(x); const x = 1; await tick(); }`],
  ["in its own initializer", `await tick(); { const x = x + 1; await tick(); log(x); }`],
  ["before it is declared, with one outside", `const x = 0; await tick(); { log(x); const x = 1; await tick(); }`],
])("a variable that is used %s is an error as it is natively", async (_, body) => {
  const { native, compiled } = await bothWays(`const f = async () => {${body}}; return f();`);
  expect(compiled).toEqual(native);
  expect(native.error).toContain("Cannot access 'x' before initialization");
});
