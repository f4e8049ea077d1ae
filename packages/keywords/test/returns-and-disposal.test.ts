import { describe, expect, test } from "vitest";
import { bothWays } from "./both-ways.ts";

const LIBRARY = `
  const later = (v) => ({ then(ok) { log("awaited", v); ok(v); } });
  const res = (name, fail?) => ({ [Symbol.dispose]() { log("dispose", name); if (fail) throw new Error(fail); } });
  const ares = (name, fail?) => ({ async [Symbol.asyncDispose]() { log("closing", name); await tick(); log("closed", name); if (fail) throw new Error(fail); } });
  const messages = (e) => e.name === "SuppressedError" ? [messages(e.error), messages(e.suppressed)] : e.message;`;

const returns: Record<string, string> = {
  "waits for what it returns": `const f = async () => later(1); async function g() { return later(2); } return [await f(), await g()];`,
  "is not caught by the try that it leaves": `const f = async () => { try { return gone(new Error("late")); } catch { return "caught"; } finally { log("finally"); } }; return f();`,
  "is caught when it says await": `const f = async () => { try { return await gone(new Error("now")); } catch { return "caught"; } }; return f();`,
  "waits after finally": `const f = async () => { try { return later(1); } finally { log("finally"); } }; return f();`,
  "out of a catch clause": `const f = async () => { try { throw 1; } catch (e) { return later(e); } finally { log("finally"); } }; return f();`,
  "out of finally, over another return": `const f = async () => { try { return later(1); } finally { return later(2); } }; return f();`,
  "undone by a break in finally": `const f = async () => { out: try { return later(1); } finally { break out; } log("went on"); }; return [await f()];`,
  "undone by a continue, then another return": `const f = async () => { for (const i of [1, 2]) { try { return later(i); } finally { if (i === 1) continue; } } return "end"; }; return f();`,
  "inside loops over iterators closes them first": `const it = { [Symbol.iterator]() { return this; }, next: () => ({ value: 1, done: false }), return() { log("closed"); return {}; } };
    const f = async () => { for (const x of it) return later(x); }; return f();`,
  "without a value, and of plain values": `const f = async (n) => { try { if (n === 0) return; if (n === 1) return 1; if (n === 2) return { then: (ok) => ok("then") }; if (n === 3) return [later(3)].length; return; } finally { log(n); } };
    return [await f(0), await f(1), await f(2), await f(3), await f(4)];`,
  "in an if without braces": `const f = async (x) => { try { if (x) return later(1)
      else return later(2) // two
    } finally {} }; const g = async (x) => { try { if (x) return later(3); else return later(4); } finally {} }; return [await f(0), await f(1), await g(0), await g(1)];`,
  "of a sequence and a condition": `const f = async (x) => { return log("a"), later(1); }, g = async (x) => { try { return log("b"), x ? later(2) : 3; } finally {} }; return [await f(0), await g(1), await g(0)];`,
  "in nested functions keeps to its own": `const f = async () => { try { const g = async () => { try { return later(1); } finally { log("g"); } }; const h = () => { return later(9); }; h(); return [await g()]; } finally { log("f"); } }; return f();`,
  "with functions declared in the body": `const f = async () => { try { return h(later(1)); } finally {} function h(x) { return x; } }; return f();`,
  "in a switch in a loop in a try": `const f = async () => { try { while (true) { switch (1) { case 1: return later(5); } } } finally { log("f"); } }; return f();`,
};

const disposal: Record<string, string> = {
  "in reverse order": `{ await using a = ares("a"); using b = res("b"); await using c = ares("c"), d = null; log("body"); } return "done";`,
  "in a function body, with a return": `const f = async () => { await using a = ares("a"); using b = res("b"); return later(1); }; return f();`,
  "after an error": `const f = async () => { await using a = ares("a"); throw new Error("body"); }; return f();`,
  "errors of disposal suppress": `try { await using a = ares("a", "A"); using b = res("b", "B"); await using c = ares("c", "C"); throw new Error("body"); } catch (e) { return messages(e); }`,
  "an error of disposal alone": `try { await using a = ares("a", "A"); log("body"); } catch (e) { return messages(e); }`,
  "on break and continue": `for (let i = 0; i < 3; i++) { await using a = ares(i); if (i === 0) continue; if (i === 1) break; } return "done";`,
  "in for await": `for await (await using a of [ares(1), ares(2)]) { log("body"); } for (await using b of [ares(3)]) log("body"); for (using c of [res(4), res(5)]) { log("body"); await tick(); }`,
  "in a for head": `outer: for (await using a = ares("a"); ; ) { for (let i = 0; ; i++) { if (i > 1) break outer; } } for (using b = res("b"), c = res("c"); ; ) { await tick(); break; }`,
  "using alone in an async function": `const f = async () => { using a = res("a"); await tick(); log("body"); return later(1); }; return f();`,
  "in async generators": `async function* g() { await using a = ares("a"); yield 1; yield 2; } for await (const x of g()) { log(x); break; } for await (const x of g()) log(x);`,
  "in a nested plain function": `const f = () => { using a = res("a"); return 1; }; { await using b = ares("b"); log(f()); }`,
  "with a synchronous dispose": `{ await using a = res("a"); log("body"); }`,
  "with functions in the block": `{ log(await h()); await using a = ares("a"); async function h() { return "hoisted"; } }`,
};

describe("return behaves compiled as natively", () => {
  test.each(Object.entries(returns))("%s", async (_, program) => {
    const { native, compiled } = await bothWays(`${LIBRARY}\n${program}`);
    expect(compiled).toEqual(native);
  });
});

describe("await using behaves compiled as natively", () => {
  test.each(Object.entries(disposal))("%s", async (_, program) => {
    const { native, compiled } = await bothWays(`${LIBRARY}\n${program}`);
    expect(compiled).toEqual(native);
  });
});
