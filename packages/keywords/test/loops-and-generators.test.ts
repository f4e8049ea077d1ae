import { describe, expect, test } from "vitest";
import { bothWays } from "./both-ways.ts";

/** An async iterator that tells what is done with it. */
const SOURCE = `
  const source = (n, extra = {}) => ({ i: 0, [Symbol.asyncIterator]() { log("open"); return this; }, next() { log("next"); return tick(this.i < n ? { value: this.i++, done: false } : { value: "end", done: true }); },
    return(v) { log("return"); return tick({ value: v, done: true }); }, ...extra });`;

const loops: Record<string, string> = {
  "to the end": `for await (const x of source(2)) { log(x); await tick(); } return "done";`,
  "over a synchronous iterable of promises": `for await (const x of [tick(1), 2, tick(3)]) log(x);`,
  "break closes": `for await (const x of source(3)) { if (x === 1) break; log(x); } return "done";`,
  "continue goes on": `for await (const x of source(3)) { if (x === 1) continue; log(x); }`,
  "return closes": `for await (const x of source(3)) return x;`,
  "return of an awaitable closes first": `for await (const x of source(3)) return { then(ok) { log("awaited"); ok(5); } };`,
  "throw closes": `for await (const x of source(3)) { await tick(); throw new Error("out"); }`,
  "labels: break and continue of the outer loop": `
    outer: for await (const x of source(3)) { inner: for await (const y of source(3)) { log([x, y]); if (y === 1) continue outer; if (x === 1) break outer; if (y === 0) continue inner; } } return "done";`,
  "two labels, and a comment between": `a: b: // here
    for await (const x of source(2)) { if (x === 0) continue a; break b; } return "done";`,
  "break to a labelled block around": `block: { for await (const x of source(2)) { break block; } log("not"); } return "done";`,
  "an error of next is not closed": `for await (const x of source(1, { next: () => gone(new Error("next")) })) log(x);`,
  "an error of return after break": `for await (const x of source(2, { return: () => gone(new Error("return")) })) break;`,
  "an error of return after a throw is dropped": `for await (const x of source(2, { return: () => gone(new Error("return")) })) throw new Error("body");`,
  "no return method": `for await (const x of source(2, { return: undefined })) break; return "done";`,
  "a result that is no object": `for await (const x of source(2, { next: () => tick(5) })) break;`,
  "patterns and defaults": `const list = [{ a: 1, b: [2] }, { b: [] }]; for await (const { a = await tick(9), b: [c = 8] } of list) log([a, c]);`,
  "into a variable, a property and a pattern": `let x; const o = {} as any; for await (x of [1, 2]); for await (o.p of [3]) log(o.p); for await ([x, o.q] of [[4, 5]]) ; for await ({ x } of [{ x: 6 }]) log(x); return [o, x];`,
  "var and let": `for await (var v of [1, 2]) ; const fs = []; for await (let l of [1, 2]) { l++; fs.push(() => l); } return [v, fs.map((f) => f())];`,
  "await in the source": `for await (const x of await tick([1, await tick(2)])) log(x);`,
  "over several lines": `for await (
      const { a,
        b } // pattern
      of
      // source
      [{ a: 1,
         b: 2 }]
    ) // body
      log([a, b]);
    return "done"`,
  "as the body of an if, without braces": `if (log("if"), true) for await (const x of [1]) log(x); else log("else"); if (false) for await (const x of [1]) log(x); else log("else");`,
  "in a try, with finally": `try { for await (const x of source(2)) { try { continue; } finally { log("finally", x); } } } finally { log("end"); }`,
  "a variable of the same name in the body": `for await (const x of [1]) { const x = 2; log(x); }`,
  "in an arrow and in a method": `
    const f = async (s) => { for await (const x of s) return x; }; const o = { async m(s) { for await (const x of s) log(this === o); } };
    await o.m([1]); return f(source(2));`,
  "nested in the source": `for await (const x of (async function* () { for await (const y of source(2)) yield y; })()) log(x);`,
  "the body is empty": `for await (const x of source(1)) ; for await (const x of source(1)) {}`,
};

const generators: Record<string, string> = {
  "yields, and waits for what it yields": `async function* g() { yield 1; yield tick(2); const s = yield await tick(3); log("sent", s); return tick(4); }
    const i = g(); return [await i.next(), await i.next(), await i.next(), await i.next("x"), await i.next()];`,
  "throw() arrives at the yield": `async function* g() { try { yield 1; } catch (e) { log(e); yield 2; } finally { log("finally"); } }
    const i = g(); return [await i.next(), await i.throw("t"), await i.next(), await i.next()];`,
  "return() runs finally, which awaits": `async function* g() { try { yield 1; yield 2; } finally { await tick(); log("finally"); } }
    const i = g(); return [await i.next(), await i.return("r"), await i.next()];`,
  "yield* of async generators and iterables": `async function* a() { const x = yield 1; log(x); return "a"; } async function* g() { const r = yield* a(); log(r); yield* [tick(2), 3]; }
    const i = g(); return [await i.next(), await i.next("sent"), await i.next(), await i.next()];`,
  "return inside try waits inside": `async function* g() { try { return gone("inner"); } catch (e) { log("caught", e); return "ok"; } } return g().next();`,
  "a bare yield": `async function* g() { const x = yield; log(x); yield
    2 }
    const i = g(); return [await i.next(), await i.next(5), await i.next(), await i.next()];`,
  "runs nothing before next()": `async function* g(a = log("default")) { log("body"); yield 1; } const i = g(); log("made"); await i.next(); return typeof i[Symbol.asyncIterator];`,
  "as methods, static, private, and in objects": `
    class A { v = 1; async *m() { yield this.v; } static async *s() { yield 2; } async *#p() { yield 3; } p() { return this.#p(); } async *[Symbol.asyncIterator]() { yield* this.m(); } }
    const o = { async *m() { yield 4; }, g: async function* () { yield 5; } }, out = [];
    for (const i of [new A().m(), A.s(), new A().p(), new A(), o.m(), o.g()]) for await (const x of i) out.push(x);
    return out;`,
  "yield in expressions": `async function* g() { const a = [yield 1, yield 2]; const f = (...x) => x; return f(...a, (yield 3) + 1, \`\${yield 4}\`); }
    const i = g(), out = []; let r, n = 0; while (!(r = await i.next(n++)).done) out.push(r.value); return [out, r.value];`,
  chained: `async function* from(n) { for (let i = 0; i < n; i++) yield i; } async function* map(s, f) { for await (const x of s) yield f(x); } async function* take(s, n) { for await (const x of s) { if (n-- <= 0) return; yield x; } }
    const out = []; for await (const x of take(map(from(10), async (x) => x * 2), 3)) out.push(x); return out;`,
  "an error ends it": `async function* g() { yield 1; throw new Error("g"); } for await (const x of g()) log(x);`,
};

describe("for await behaves compiled as natively", () => {
  test.each(Object.entries(loops))("%s", async (_, program) => {
    const { native, compiled } = await bothWays(`${SOURCE}\n${program}`);
    expect(compiled).toEqual(native);
  });
});

describe("async generators behave compiled as natively", () => {
  test.each(Object.entries(generators))("%s", async (_, program) => {
    const { native, compiled } = await bothWays(`${SOURCE}\n${program}`);
    expect(compiled).toEqual(native);
  });
});
