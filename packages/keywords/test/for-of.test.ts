import * as tsyncio from "tsyncio";
import { run } from "tsyncio";
import * as runtime from "tsyncio/runtime";
import { expect, test } from "vitest";
import { transform } from "../src/transform.ts";
import { bothWays } from "./both-ways.ts";

/** An iterator that tells what is done with it. */
const SOURCE = `
  const source = (n, extra = {}) => { let i = 0; return { [Symbol.iterator]() { log("open"); return this; },
    next() { log("next"); return i < n ? { value: i++, done: false } : { value: "end", done: true }; }, return(...v) { log("return", ...v); return {}; }, ...extra }; };
  const once = (step) => source(0, { n: 0, next() { return this.n++ === 0 ? step : { done: true }; } });`;

const loops: Record<string, string> = {
  "to the end": `for (const x of source(3)) log(await tick(x)); return "done";`,
  "over an array, a string, a map's keys": `for (const x of [1, 2]) await tick(log(x)); for (const x of "aé𝒳") await tick(log(x)); for (const k of new Map([[1, 2]]).keys()) log(await tick(k));`,
  "an array that grows meanwhile": `const list = [1]; for (const x of list) { await tick(); if (list.length < 4) list.push(x + 1); log(x); }`,
  "break closes": `for (const x of source(3)) { await tick(); if (x === 1) break; log(x); } return "done";`,
  "continue goes on": `for (const x of source(3)) { await tick(); if (x === 1) continue; log(x); await tick(); }`,
  "return closes": `for (const x of source(3)) { await tick(); return x; }`,
  "return of what is awaited closes behind it": `for (const x of source(3)) { return await tick(log("now") ?? x); }`,
  "return of an awaitable closes first": `for (const x of source(3)) { await tick(); return { then(ok) { log("awaited"); ok(5); } }; }`,
  "throw closes": `for (const x of source(3)) { await tick(); throw new Error("out"); }`,
  "what is awaited throws": `try { for (const x of source(3)) await gone(new Error("gone " + x)); } catch (error) { log(error.message); }`,
  "labels: break and continue of the outer loop": `
    outer: for (const x of source(3)) { inner: for (const y of source(3)) { await tick(); log(x, y); if (y === 1) continue outer; if (x === 1) break outer; if (y === 0) continue inner; } } return "done";`,
  "break to a labelled block around": `block: { for (const x of source(2)) { await tick(); break block; } log("not"); } return "done";`,
  "an error of next is not closed": `for (const x of source(1, { next() { throw new Error("next"); } })) await tick(x);`,
  "an error of return after break": `for (const x of source(2, { return() { throw new Error("return"); } })) { await tick(); break; }`,
  "an error of return after a throw is dropped": `for (const x of source(2, { return() { throw new Error("return"); } })) { await tick(); throw new Error("body"); }`,
  "no return method": `for (const x of source(2, { return: undefined })) { await tick(); break; } return "done";`,
  "return gives no object": `try { for (const x of source(2, { return: () => 1 })) { await tick(); break; } } catch (error) { log(error.name); }`,
  "a result that is no object": `try { for (const x of source(2, { next: () => 5 })) await tick(); } catch (error) { log(error.message); }`,
  "a result that tells when it is read": `for (const x of once({ get done() { log("done"); return false; }, get value() { log("value"); return 7; } })) { await tick(); log(x); }`,
  "what is not iterable": `for (const none of [undefined, null, 5, {}]) { try { for (const x of none) await tick(x); } catch (error) { log(error.name, /is not iterable/.test(error.message)); } }`,
  "a function inside that sees the variable": `const seen = []; for (const x of source(3)) { seen.push(() => x); await tick(); seen.push(() => x); } return seen.map((f) => f());`,
  "in a try, with finally": `try { for (const x of source(2)) { try { await tick(); continue; } finally { log("finally", x); } } } finally { log("end"); }`,
  "begun again in each turn of another loop": `for (let i = 0; i < 2; i++) for (const x of source(i + 1)) log(i, await tick(x));`,
  "behind an await, and in front of one": `await tick(1); for (const x of source(2)) log(await tick(x)); await tick(2); for (const x of source(1)) log(await tick(x)); return tick("end");`,
};

test.each(Object.entries(loops))(
  "a loop over an iterator that waits does what it does natively: %s",
  async (_, body) => {
    const program = `${SOURCE}\nconst f = async () => {${body}}; return f();`;
    expect(transform(`"use tsyncio";(log, tick, gone) => {${program}}`, { filename: "a.cts" })!.code).toContain(
      "$loop(",
    );
    const { native, compiled } = await bothWays(program);
    expect(compiled).toEqual(native);
  },
);

test.each(["g()", "new Future()", "sleep(1)"])("a loop over %s, which must be awaited, says so", async (awaitable) => {
  const program = `const { Future, RuntimeError, sleep } = tsyncio; async function g() { await sleep(0); return [1]; }
    const f = async () => { for (const x of ${awaitable}) await sleep(0, x); }; try { await f(); } catch (error) { return [error instanceof RuntimeError, error.message]; }`;
  const { code } = transform(`"use tsyncio"; exports.main = async (tsyncio) => {${program}};`, {
    filename: "a.cts",
    sourcemap: false,
  })!;
  expect(code).toContain("$loop(");
  const exports: { main?: (lib: unknown) => never } = {};
  // oxlint-disable-next-line no-new-func -- the program is a text
  new Function("exports", "require", code)(exports, () => runtime);
  expect(await run(() => exports.main!(tsyncio))).toEqual([
    true,
    expect.stringMatching(/^Cannot iterate over .*: it must be awaited$/),
  ]);
});
