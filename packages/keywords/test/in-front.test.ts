import { runInThisContext } from "node:vm";
import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import { run } from "tsyncio";
import * as runtime from "tsyncio/runtime";
import { describe, expect, test } from "vitest";
import { transform } from "../src/transform.ts";
import { bothWays, type Outcome } from "./both-ways.ts";
import { randomExpression } from "./random-expression.ts";

/** Variables that change, and things that tell what is done with them. */
const SOURCE = `
  let n = 1, list = [1, 2], none, key = { toString() { log("key"); return "x"; } };
  let g = (...args) => { log("g", ...args); return args[0]; };
  let Box = class { constructor(...args) { log("new", ...args); this.args = args; } };
  let o = { get x() { log("get x"); return this.hidden ?? 1; }, set x(v) { log("set x", v); this.hidden = v; }, m(...args) { log("m", this === o, ...args); return args.length; },
    get late() { log("get late"); return this.m; }, deep: { m(...args) { log("deep", this === o.deep, ...args); return this; }, list: [] }, text: { toString() { log("text"); return "t" + n; } } };
  const later = async (value) => { await tick(); n++; g = () => "other g"; Box = Array; none = undefined; return log("later"), value; };
  const steady = { x: 1, list: [], m(...args) { log("steady", this === steady, ...args); return this; } };`;

const bodies: Record<string, string> = {
  "a function that is read before its argument is awaited": `g(await later(1)); g(await tick(2)); return n;`,
  "a function with more arguments, before and behind": `return g(n, n++, await later(2), n, await later(3), n);`,
  "one that is a method": `o.m(await later(1)); return o.m(n, await later(2), n);`,
  "one that a getter gives": `return o.late(await later(1), await later(2));`,
  "one of an object that is a property": `return o.deep.m(await later(1)) === o.deep;`,
  "one of an object that does not change": `steady.list.push(await later(1)); steady.m(await later(2)); return steady.list;`,
  "one by a key": `o["m"](await later(1)); const k = "late"; return o[k](await later(2));`,
  "one that a call gives": `const f = () => (log("f"), (...args) => args); return f(n)(await later(1), n);`,
  "one with properties that have the names of others": `const mock = Object.assign((...args) => args, { call: 1, apply: 2, bind: 3 }); const p = { mock }; const q = { p }; return q.p.mock(await later(1));`,
  "what it was called on, in parentheses and with types": `(o.m)(await later(1)); o!.m!(await later(2)); (o.m as any)(await later(3)); o.m<number>(await later(4)); return (g as any)<string>(await later(5));`,
  "a class": `return new Box(n, await later(1), n).args;`,
  "an object before a key that is awaited": `return o.deep[await later("list")].length;`,
  operands: `log(o.x + (await later(1)) * n); log(n - (await later(1)) - n); log((await later(5)) - n); log(typeof n + (await later(1))); return -n * (await tick(n));`,
  "operands are converted behind both": `return o.text + (await later("b")) + o.text;`,
  "elements and arguments": `return [n, g(1), await later(2), n, [n, await later(3)], { n }];`,
  "elements of what is spread": `const source = { *[Symbol.iterator]() { log("begin"); yield n; log("end"); } }; return [...source, await later(1), ...source, ...(await tick([8, 9]))];`,
  properties: `return { n, a: g(1), [\`k\${n}\`]: o.x, ...o.deep, b: await later(2), n2: n, ...(await tick({ z: 1 })) };`,
  "properties of what is spread": `return { ...{ get a() { log("a"); return n; } }, b: await later(2), ...o.deep };`,
  "parts of a template are strings before what comes behind": `return \`\${o.text} \${n} \${await later(1)} \${o.text} \${await tick(o.text)} \${await later(2)}\`;`,
  "a template around something that does not change": `const s = { toString: () => "s" + n }; return \`\${s} \${await later(1)} \${s}\`;`,
  "the object and the key of what is assigned": `o.deep[g("a")] = await later(1); o.deep.list[n] = await later(2); o.x = await later(3); o.deep[key] = await later(4); return o.deep;`,
  "what is assigned to a variable of the same name": `n = n + (await later(1)); let m = 1; m = m + (await later(m)); return [n, m];`,
  "compound assignment": `n += await later(1); n -= g(n) + (await later(1)); let m = 1; m += await later(1); m += m + (await later(m)); return [n, m];`,
  "compound assignment to a property": `o.x += await later(1); steady.x *= await later(2); o.deep.m2 = 1; o.deep[g("m2")] += await later(3); o.deep[key] ??= 3; o.deep[key] += await later(4); return [o.x, steady.x, o.deep.m2, o.deep];`,
  "bits and shifts": `o.deep.a = 5; o.deep.a &= await later(4); o.deep.a |= await later(3); o.deep.a ^= await later(1); o.deep.a <<= await later(2); o.deep.a >>>= await later(1); o.deep.a **= await later(2); return o.deep.a;`,
  conditions: `if (o.x < (await later(2))) log("less"); else log("not"); if (g(await later(0))) log("yes"); return n > 1 ? g(n, await later(1)) : 2;`,
  "what && and ?: begin with": `const a = (await later(0)) || g(1); const b = (await later(null)) ?? n; const c = g(2) + ((await later(1)) ? n : 2); return [a, b, c, g(await later(1)) && n];`,
  "branches of ?:": `for (const m of [0, 1]) { log(m ? await later("a") : g("b")); log(m ? g(n, await later("c")) : [await later("d"), n, await later("e")], n); g(n, m ? await later(1) : o.x, n, await later(2)); log(o.x > 1 ? n : m ? o.m(n, await later(3)) : await tick(4)); } return n;`,
  "branches of && and || and ??": `for (const m of [0, 1, null, "x"]) { log(m && (await later(m))); log(m || (await later("or")), n); log(m ?? (await later("none"))); m && o.m(await later(m)); if (m && g(n, await later(m))) log("yes"); g(m && (await later(1)), n, m ?? (await later(2)), m || o.x); log((await tick(m)) || (await later("twice"))); log((await tick(m)) ? (await later("then")) : n); log([\`\${m ?? "-"}\`, \`\${await later(1)}\`, m && [\`\${o.text}\${await later(2)}\`, n]]); } return n;`,
  "what stays in one branch is not moved before the other": `for (const m of [0, 1]) { log(m ? [o.m(await later(1)), o.x, o.m(n)] : [await later(2), n]); log(m ? \`\${(1, await later(o.text))} \${o.x}\` : [await later(2), n]); } return n;`,
  "errors in branches": `for (const m of [0, 1]) { try { log(m ? await gone(new Error("a")) : await gone(new Error("b"))); } catch (error) { log(error.message); } try { m && none.x(await later(1)); m || (await gone(new Error("c"))); } catch (error) { log(error.message); } } return n;`,
  "what a comma is between": `g(1), await later(1); n, await later(2), g(n); return (o.x, g(n), await later(3));`,
  "in try, where a value is returned": `for (const m of [0, 1]) { const f = async () => { try { return m ? await later("a") : o.m(n, await later("b")); } finally { log("left", n); } }; log(await f()); } return g(n, await later(1));`,
  "what is thrown": `throw new Box(n, await later(1));`,
  "in a loop, in try, in a function that is an expression": `const all = []; const f = async (x) => all.concat(x, await later(x)); for (const x of list) { try { all.push(await f(x)); o.m(x, await gone(new Error("e" + x))); } catch (error) { all.push(error.message, await later(n)); } finally { log(all.length); } } return all;`,
  "an optional chain, a tagged template, delete and void": `const tag = (s, ...v) => v; return g(o?.x, none?.x.y, tag\`\${n}\`, delete o.deep.list, void 0, await later(1), o.deep);`,
  "a method of an object, a property of what this is, an arrow inside": `
    const holder = { items: [], count: 1, deep: { list: [] }, put(...xs) { log("put", this === holder, ...xs); return this.count; },
      async add(x) { this.items.push(await later(x)); this.count += await later(x); this.deep.list.push(n, await later(x)); this.deep.n = await later(x); return this.put(n, await later(x)); },
      async none() { return this.missing(await later(1)); }, async inside() { const f = async () => this.put(await later(this.count)); return f(); } };
    class Kept { #n = 1; #list = []; items = []; async add(x) { this.items.push(await later(x)); this.#n += await later(x); this.#list.push(await later(x)); return [this.#n, this.#list, this.items]; } }
    log(await holder.add(1)); log(await holder.inside()); log(await new Kept().add(2)); try { await holder.none(); } catch (error) { log(error.message); } return g(await later(1));`,
  "functions inside": `return g([1, 2].map((x) => x * n), function () { return n; }, await later(1))[0];`,
  "functions inside that end where it ends, and wait": `const a = await g(1); const f = g(none ? 1 : async () => n + await tick(1), none ? 2 : async () => o.x + await tick(2), await later(1), n); log(await f()); const make = (h) => (x) => h; const made = make(async () => n + await tick(1))(await later(2)); log(await made()); return [n && (async () => n - await tick(n)), await later(1)].length;`,
  "names that mean others inside": `log(g(await later(1), ((g) => g(n))((x) => x))); return o.m(await later(2), g);`,
  "two functions of one name": `log(g(n, g)(await later(1))); return g(g(n, await later(1)));`,
  "a semicolon that is not there": `n\ng(await later(1))\n;[n, await later(2)].forEach((x) => log(x))\no.m(await later(3))\nreturn n`,
  "what reaches over lines": `const x = o.deep.m(await later(\n1\n), n,\n n).list; return [x, g({\n n }, await later(2))];`,
};

test.each(Object.entries(bodies))("what stands before an await is evaluated before it: %s", async (_, body) => {
  const program = `${SOURCE}\nconst f = async () => {${body}}; return f();`;
  expect(frames(program)).toBeGreaterThan(1);
  const { native, compiled } = await bothWays(program);
  expect(shown(compiled)).toEqual(shown(native));
});

test.each([
  "none(await later(1))",
  "none(log('before'), await later(1), log('behind'))",
  "o.none(await later(1), log('behind'))",
  "o.none.x(await later(1))",
  "o.deep.none(await later(1))",
  "o.deep.list[0](await later(1))",
  "o[n](await later(1))",
  "o['a b'](await later(1))",
  "o.m()(await later(1))",
  "o.m(1, 2).x(await later(1))",
  "new Map().x(await later(1))",
  "list[n].x(await later(1))",
  "nowhere(await later(1))",
  "nowhere.x(await later(1))",
  "new none(await later(1))",
  "new n(log('before'), await later(1), log('behind'))",
  "new Box.none(1, await later(1))",
  "g(none(), await later(1))",
  "g(none.x, await later(1))",
  "g(undeclared, await later(1))",
  "(none = 1)(await later(1))",
  "n(await later(1), n)",
  "g(n)(await later(1))",
  "Box(await later(1))",
  "[...none, await later(1)]",
  "[...g(), await later(1)]",
  "`${Symbol()} ${await later(1)}`",
  "none.x = await later(1)",
  "none[key] = await later(1)",
  "none.x += await later(1)",
  "undeclared += await later(1)",
  "undeclared + (await later(1))",
  "1n + n + (await later(1))",
  "n + 1n * (await later(1))",
  "g(await later(1)).none()",
  "(g(await later(1)) + n).none()",
  "g.none(await later(1)).x()",
  "g(...none, await later(1))",
  "(class { #m = 1; static f(x) { return x.#m; } }).f(await later(1))",
])("an error has the same text, at the same time: %s", async (text) => {
  const program = `${SOURCE}\nconst f = async () => { try { ${text}; } catch (error) { log(error.name, error.message); throw error; } }; await f();`;
  const { native, compiled } = await bothWays(program);
  expect(native.error).toBeDefined();
  expect(compiled).toEqual(native);
});

describe("random expressions do what they do natively", () => {
  const count = Number(process.env["TSYNCIO_PROGRAMS"] ?? 400);
  const first = Number(process.env["TSYNCIO_SEED"] ?? 1);
  test(`${count} from ${first}`, async () => {
    let reentered = 0;
    for (let seed = first; seed < first + count; seed++) {
      const program = randomExpression(seed);
      const { native, compiled } = await bothWays(program);
      expect({ seed, ...compiled }).toEqual({ seed, ...native });
      if (frames(program) > 1) reentered++;
    }
    // The function w, and the one around the expression.
    expect(reentered / count).toBeGreaterThan(0.4);
  }, 600_000);
});

test("a stack shows each call at its line", async () => {
  const text = `"use tsyncio"; let f; exports.main = async (here) => {
    const o = { m: here, o: { m: here } }; f = here;
    here(here(), await 1, here(
      2));
    o.m(await 1);
    o.o.m(here(), await here(
      1
    ), here());
    f(await here(
      1
    )); await 1; here();
    o
      .o.m(await here());
    f(here(
      1), here(), await here()); here();
    o.x = here(); o.x += await here(
      1); o.x = [here(), await here(
      1), here(),
      here()];
    return [here(), f ? await here() : 1,
      here()];
  };`;
  const { code, map } = transform(text, { filename: "a.cjs" })!;
  expect(code).toContain("$invoke(");
  const trace = new TraceMap(map as never);
  const lines = async (code: string, lineOf: (line: number, column: number) => number) => {
    const exports: { main?: (here: () => void) => PromiseLike<unknown> } = {};
    runInThisContext(`(function (exports, require) {${code}\n})`, { filename: "/a.cjs" })(exports, () => runtime);
    const found: number[] = [];
    const here = () => {
      const [, line, column] = /a\.cjs:(\d+):(\d+)/.exec(new Error().stack!)!;
      found.push(lineOf(Number(line), Number(column)));
    };
    await run(() => exports.main!(here));
    return found;
  };
  const shift = "(function (exports, require) {".length;
  const compiled = await lines(
    code,
    (line, column) => originalPositionFor(trace, { line, column: column - 1 - (line === 1 ? shift : 0) }).line!,
  );
  expect(compiled).toEqual(await lines(text, (line) => line));
});

/** Functions of two programs are never equal. */
function shown(outcome: Outcome): unknown {
  return JSON.parse(JSON.stringify(outcome, (_, value) => (typeof value === "function" ? "function" : value)));
}

function frames(program: string): number {
  const { code } = transform(`"use tsyncio";async (log, tick, gone) => {${program}}`, { filename: "a.cts" })!;
  return code.match(/\$(?:frame|methodFrame)\(/g)?.length ?? 0;
}
