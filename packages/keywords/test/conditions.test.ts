import { expect, test } from "vitest";
import { transform } from "../src/transform.ts";
import { bothWays } from "./both-ways.ts";
import { expectNoGenerator } from "./called-again.ts";

const HEAD = `let i = 0; const next = async (n) => { await tick(); return i < n ? ++i : 0; }; const say = (x) => (log(x), x);
  const slow = async (x) => { log("waits", x); await tick(); return x; };`;

const functions: Record<string, string> = {
  "if, with branches that wait": `for (const c of [1, 0]) { if (await slow(c)) { log(await slow("then")); } else { log(await slow("else")); await slow(2); } log("behind"); }`,
  "if, where only else waits": `for (const c of [1, 0]) if (await slow(c)) log("then"); else await slow("else");`,
  "else if": `for (const c of [0, 1, 2, 3]) { if (c === 3) log(await slow(3)); else if ((await slow(c)) === 1) await slow("one"); else if ((await slow(c)) === 2) await slow("two"); else await slow("none"); }`,
  "if, negated, compared": `for (const c of [0, 1]) { if (!(await slow(c))) await slow("not"); if ((await slow(c)) + (await slow(1)) === 2) await slow("sum"); }`,
  while: `while (await next(3)) log(await slow(i)); log("behind"); return i;`,
  "while that assigns": `let row; while ((row = await next(3)) !== 0) { log(row); if (row === 2) continue; await tick(); log("end", row); }`,
  "while, with labels": `outer: while (await next(3)) { for (;;) { await tick(); if (i === 1) continue outer; if (i === 2) break outer; break; } log("never"); } return i;`,
  "while, whose body does not wait": `const seen = []; while (await next(3)) seen.push(i); return seen;`,
  do: `do { log(i); await slow("body"); if (i === 9) break; } while (await next(2)); return i;`,
  "do, whose body does not wait": `do log(i); while ((await next(2)) > 0) return i;`,
  for: `for (let k = 0; k < (await slow(3)); k++) { if (k === 1) continue; log(k); await slow("body"); } return "end";`,
  "for, whose body does not wait": `let k; for (k = 0; await next(2); k += 10) log(k); return k;`,
  "for, with nothing else": `for (; await next(2); ) { await tick(); log(i); } return i;`,
  "a loop in a loop": `for (let a = 0; a < (await slow(2)); a++) { let b = 0; while (b < (await slow(2))) { log(a, b); b++; await tick(); } }`,
  "&&": `for (const c of [0, 1, ""]) { const x = say(c) && (await slow("and")); log(x); }`,
  "||": `for (const c of [0, 1, ""]) { const x = say(c) || (await slow("or")); log(x); }`,
  "??": `for (const c of [0, null, undefined]) log(say(c) ?? (await slow("else")));`,
  "what waits first": `for (const c of [0, 1, null]) { log((await slow(c)) && say("and")); log((await slow(c)) || say("or")); log((await slow(c)) ?? say("else")); }`,
  "?:": `for (const c of [0, 1]) { const x = say(c) ? await slow("yes") : await slow("no"); log(x); const y = c ? await slow(1) : say(2); const z = c ? say(3) : await slow(4); log(y, z); }`,
  "?: whose condition waits": `for (const c of [0, 1]) { const x = (await slow(c)) ? say("yes") : say("no"); const y = (await slow(c)) ? await slow("y") : await slow("n"); log(x, y); }`,
  "?: in ?:": `for (const c of [0, 1, 2]) { const x = c === 0 ? await slow("a") : c === 1 ? say("b") : (await slow(c)) ? await slow("c") : 4; log(x); }`,
  "as an argument, in an object, behind another await": `for (const c of [0, 1]) { const x = [await slow(1), c && (await slow(2)), await slow(3)]; log(x, { a: c ? await slow(4) : 5, b: c || (await slow(6)) }); }`,
  "as a statement": `for (const c of [0, 1]) { c && (await slow("and")); c || (await slow("or")); c ? await slow("yes") : await slow("no"); (await slow(c)) || say("or"); }`,
  "in an assignment": `let x = 1; for (const c of [0, 1]) { x = c && (await slow(2)); x += c ? await slow(3) : 4; log(x); }`,
  "in a condition": `for (const c of [0, 1]) { if (c && (await slow(1))) await slow("then"); else await slow("else"); let n = 0; while (n < 2 && (await slow(true))) { n++; await tick(); } log(n); }`,
  returned: `const f1 = async (c) => { return c && (await slow(1)); }; const f2 = async (c) => { return c ?? (await slow(tick(2))); }; return [await f1(0), await f1(1), await f2(null), await f2(3)];`,
  "returned, awaitable": `const f1 = async (c) => { return c || (await slow(0)) || tick("none"); }; return [await f1(tick(1)), await f1(0)];`,
  "returned by an arrow": `const f1 = async (c) => c ? await slow(1) : await slow(2); const f2 = async (c) =>\n  c && (await slow(3)); return [await f1(0), await f1(1), await f2(0), await f2(1)];`,
  "returned out of a try": `const f1 = async (c) => { try { return c ? await slow(1) : await gone(new Error("gone")); } catch (e) { return c ?? (await slow(e.message)); } finally { log("finally"); } }; return [await f1(1), await f1(0), await f1()];`,
  "returned out of a try, awaitable": `const f1 = async (c) => { try { return (await slow(c)) ? tick(say(1)) : tick(say(2)); } finally { log("finally"); } }; return [await f1(1), await f1(0)];`,
  thrown: `const f1 = async (c) => { throw c ? await slow(1) : await slow(2); }; try { await f1(1); } catch (e) { return e; }`,
  "its error": `for (const c of [0, 1]) { try { const x = c ? await gone(new Error("a")) : await gone(new Error("b")); log(x); } catch (e) { log(e.message); await tick(); } }`,
};

test.each(Object.entries(functions))("a condition that waits does what it does natively: %s", async (_, body) => {
  const program = `${HEAD}\nconst f = async () => {${body}};\nreturn f();`;
  const lib = "log, tick, gone, next, say, slow";
  const { code } = transform(`"use tsyncio"; (${lib}) => { let i = 0; const f = async () => {${body}}; }`, {
    filename: "a.ts",
  })!;
  expectNoGenerator(code);
  const { native, compiled } = await bothWays(program);
  expect(compiled).toEqual(native);
});
