import { describe, expect, test } from "vitest";
import { bothWays } from "./both-ways.ts";

/** Each program is a body of `async (log) => …`; it must do compiled what it does natively. */
const programs: Record<string, string> = {
  "a declaration is hoisted and awaits": `
    return await twice(4);
    async function twice(x: number): Promise<number> { return 2 * (await tick(x)); }`,
  "name and length are kept": `
    async function f(a, b = 1, c?) {} async function* g(...rest) {} async function h({ x }, [y]) {}
    const e = async function named(a) {}, n = async function (a, b) {}, arrow = async (q, r = 2, s) => q;
    let assigned; assigned = async () => 1;
    const { d = async function () {} } = {} as any, o = { p: async () => 1, async m(a) {}, "a b": async () => 1, 7: async () => 1, async "c d"() {} };
    return [f, g, h, e, n, arrow, assigned, d, o.p, o.m, o["a b"], o[7], o["c d"], async () => 1].map((f) => [f.name, f.length]);`,
  "computed keys give names": `
    const key = "made", symbol = Symbol("sym");
    const o = { [key]: async () => 1, [symbol]: async function () {}, async [key + 2]() {}, async *[\`\${key}3\`]() {} };
    class C { async [key]() {} static async [symbol]() {} [key + "4"] = async () => 1 }
    return [o[key], o[symbol], o.made2, o.made3, C.prototype[key], C[symbol], new C().made4].map((f) => f.name);`,
  "a computed key is evaluated once and in its turn": `
    const key = (name) => (log(name), name);
    const o = { [key("a")]: log("value a"), async [key("b")]() { return 1; }, [key("c")]: async () => 2, [key("d")]: log("value d") };
    class C { async [key("e")]() { return 3; } static async *[key("f")]() {} }
    return [await o.b(), await o.c(), await new C().e(), Object.keys(o)];`,
  "__proto__ as a key sets the prototype": `
    const o = { __proto__: async () => 1 } as any;
    return [Object.keys(o), Object.getPrototypeOf(o).name];`,
  "defaults are evaluated when the function runs, in order, and see one another": `
    async function f(a = log("a"), { b = log("b"), c } = { c: log("object") } as any, d = () => a) { log("body"); return [b, c, d()]; }
    return f(undefined, undefined);`,
  "an error in a default rejects": `
    const f = async (a = (() => { throw new Error("default"); })()) => a;
    try { await f(); } catch (e) { return e.message; }`,
  "rest parameters": `
    async function f(a, b = 2, ...c) { return [a, b, c]; }
    const g = async (...[a, b]) => [a, b];
    return [await f(1), await f(1, undefined, 3, 4), await g(5, 6)];`,
  "arguments are those that were given": `
    async function f(a, b = 2) { await tick(); return [arguments.length, [...arguments]]; }
    const o = { async m() { return (() => [...arguments])(); } };
    return [await f(1), await f(1, 2, 3), await o.m(...[7, 8])];`,
  "arguments of the function around an arrow": `
    function outer() { const f = async () => { await tick(); return [arguments[0], (() => arguments.length)(), { arguments }.arguments[1]]; }; return f(); }
    async function around() { return await (async (x = arguments[0]) => [x, await (async () => arguments[1])()])(); }
    return [await outer(1, 2), await around(3, 4)];`,
  "this in functions, methods and arrows": `
    async function f() { return this; }
    const o = { v: 1, async m() { await tick(); return this.v; }, n() { return (async () => this.v + (await tick(1)))(); }, async p() { const g = async () => async () => this.v; return await (await g())(); } };
    return [await f.call("x"), await f.call(undefined), await o.m(), await o.n(), await o.p(), await (async () => typeof this)()];`,
  "this in a parameter default": `
    const o = { v: 5, async m(a = this.v) { return a; }, n() { return (async (a = this.v) => a)(); } };
    return [await o.m(), await o.n()];`,
  "new.target in an arrow": `
    function F() { this.p = (async () => new.target === F)(); }
    return [await new F().p, await (async function () { return new.target; })()];`,
  "a named function expression knows itself": `
    const fact = async function self(n) { return n < 2 ? 1 : n * (await self(n - 1)); };
    return fact(5);`,
  "a named function expression cannot assign to its name": `
    const f = async function self() { self = 1; };
    try { await f(); } catch (e) { return [e.name, e.message]; }`,
  "a named function expression whose parameter has its name": `
    return (async function self(self) { return self; })(3);`,
  "a named async generator expression knows itself": `
    const g = async function* self(n) { yield n; if (n > 0) yield* self(n - 1); };
    for await (const x of g(2)) log(x);`,
  "async functions have no prototype and construct nothing": `
    const f = async function () {}, o = { async m() {} };
    return [f, o.m, async () => 1].map((f) => { try { new f(); } catch (e) { return ["prototype" in f, e.name]; } });`,
  "two declarations of one name: the last counts": `
    async function twice() { return 1; }
    async function twice() { return 2; }
    return twice();`,
  "declarations in blocks belong to the block": `
    async function f() { return "outer"; }
    { async function f() { return "inner"; } log(await f()); }
    switch (1) { case 1: async function g() { return "case"; } log(await g()); }
    return f();`,
  "no semicolon before a statement that began with await": `
    const f = (x) => x
    let x = f
    await tick(1) + 1
    let y = await tick(2)
    ;[y] = [3]
    if (y)
      await tick(log("if")) || 0
    else
      await tick() && 1
    const c = class {}
    await tick(4) ? log("yes") : log("no")
    return [x === f, y]`,
  "await before a line break and a comment": `
    const a = await
      tick(1), b = await /* c */ tick(2), c = await // d
      tick(3)
    return [a, b, c]`,
  "an arrow body on the next line": `
    const f = async (x) =>
      // the value
      x + 1, g = async x =>
      ({ x }), h = async () =>
      (1, 2)
    return [await f(1), await g(2), await h()]`,
  "an arrow at the beginning of a statement": `
    let x = 1
    async () => x
    async function later() { return 1 }
    return later()`,
  minified: `const E=async function*E(){yield*[1,2]},A=async a=>a,B=async(a)=>{await a};for await(const x of E())log(x);await B(1);return A(3)`,
  "await in template literals, spreads, calls, optional chains and conditions": `
    const o = { f: async (...a) => a };
    return [\`a\${await tick(1)}b\${await tick(2)}\`, await o.f(...(await tick([1, 2])), await tick(3)), (await tick({ q: { r: 1 } }))?.q.r, (await tick(0)) ? 1 : await tick(2), await tick(null) ?? await tick(4), await o?.f?.(await tick(5))];`,
  "evaluation order around an await": `
    let x = 1; const f = (v) => (log(v), v);
    const r = x + (x = 5, await tick(10)) + x; const o = { a: f(1), b: await tick(f(2)), c: f(3) };
    x += await tick(1); const p = [f("p"), await tick(f("q")), f("r")];
    return [r, o, x, p];`,
  "thenables, promises and values are awaited alike": `
    return [await 1, await { then: (ok) => ok(2) }, await tick(3), await null, await undefined, await (async () => tick(4))()];`,
  "errors of awaited promises are thrown where they are awaited": `
    try { await gone(new Error("a")); } catch (e) { log(e.message); } finally { log("finally"); }
    const f = async () => { throw new Error("b"); };
    await f().then(undefined, (e) => log(e.message));
    return f();`,
  "nested async functions in every position": `
    async function a() { const b = async () => { async function c() { return await (async () => await tick(1))(); } return (await c()) + 1; }; return (await b()) + 1; }
    return a();`,
  "loops with closures over their variables": `
    const fs = []; for (let i = 0; i < 3; i++) { await tick(); fs.push(async () => i); }
    return [await fs[0](), await fs[1](), await fs[2]()];`,
  "direct eval sees this and arguments": `
    async function f() { return [eval("arguments.length"), eval("this")]; }
    return f.call("t", 1, 2);`,
  "a function named with a dollar": `
    async function f$() { return 1; } async function f() { return 2; } const $ = 3, $enter = 4, $g = 5;
    return [await f$(), await f(), $, $enter, $g, f$.name, f.name];`,
  "an async method named async, get, set and static": `
    const o = { async async() { return 1; }, async get() { return 2; }, async set() { return 3; }, async static() { return 4; }, async await() { return 5; } };
    class C { static async async() { return 6; } async static() { return 7; } async get() { return 8; } static async *set() { yield 9; } }
    return [await o.async(), await o.get(), await o.set(), await o.static(), await o.await(), await C.async(), await new C().static(), await new C().get(), (await C.set().next()).value];`,
};

describe("functions and arrows behave compiled as natively", () => {
  test.each(Object.entries(programs))("%s", async (_, program) => {
    const { native, compiled } = await bothWays(program);
    expect(compiled).toEqual(native);
  });
});
