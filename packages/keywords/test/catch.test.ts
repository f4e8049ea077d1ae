import { sleep } from "tsyncio";
import { expect, test } from "vitest";
import { transform } from "../src/transform.ts";
import { bothWays } from "./both-ways.ts";
import { cancelAfter, compiledMain, expectNoGenerator } from "./called-again.ts";

const functions: Record<string, string> = {
  retries: `let n = 0; for (;;) { try { return await work(n); } catch (error) { log(error.message, n); if (++n > 3) throw error; await tick(n); log("again"); } }`,
  "retries with what it gives behind it": `for (let n = 0; n < 5; n++) { try { await work(n); break; } catch (error) { await tick(); log(error.message); continue; } finally { log("finally", n); } } return "done";`,
  "the try block does not run on the way back": `try { log("once"); await gone(new Error("a")); log("never"); } catch (e) { log(e.message); await tick(); log(await tick(1)); log(e.message); } log("behind"); await tick(2); return "end";`,
  "a try block without an await": `try { log("once"); bad(); } catch (e) { await tick(); log(e.message); } return "end";`,
  "nothing is thrown": `try { log(await tick(1)); } catch (e) { await tick(); log("never"); } try { log("here"); } catch { await tick(); log("never"); } return "end";`,
  "without a variable": `try { await gone(5); } catch { log(await tick(6)); log(await tick(7)); }`,
  "undefined is thrown": `try { throw undefined; } catch (e) { await tick(); log(e === undefined); await tick(); log(typeof e); }`,
  "an error of the clause": `try { try { await gone(new Error("a")); } catch (e) { await tick(); throw new Error("b", { cause: e }); } } catch (e) { log(e.message, e.cause.message); await tick(); } return "end";`,
  "what the clause waits for fails": `try { try { await gone(new Error("a")); } catch (e) { await gone(new Error("b")); } finally { log("f1"); } } catch (e) { log(e.message); await tick(); log("still", e.message); } finally { log("f2"); }`,
  "the finalizer runs when all is done": `try { bad(); } catch (e) { log(1); await tick(); log(2); await tick(); log(3); } finally { log("finally"); } return "end";`,
  "return in the clause, finally behind it": `try { bad(); } catch (e) { await tick(); return await tick(log("returns") ?? 1); } finally { log("finally"); }`,
  "a finalizer that returns": `try { bad(); } catch (e) { await tick(); throw e; } finally { log("finally"); return 7; }`,
  "return of an awaitable": `try { bad(); } catch (e) { await tick(); return { then(ok) { log("awaited"); ok(5); } }; } finally { log("finally"); }`,
  "in a loop over an iterator": `for (const x of [1, 2, 3]) { try { if (x === 2) bad(); log(await tick(x)); } catch (e) { await tick(); log(e.message, x); for (const y of ["a", "b"]) log(await tick(y), x); } }`,
  "a loop over an iterator in the try block that is left by an error": `try { for (const x of source()) { await tick(); if (x === 1) bad(); } } catch (e) { await tick(); log(e.message); }`,
  labels: `outer: for (let i = 0; i < 3; i++) { block: try { for (;;) { if (await tick(i)) bad(); continue outer; } } catch (e) { await tick(); if (i === 1) break block; log(i); await tick(); if (i === 2) break outer; } log("behind", i); } return "end";`,
  "clauses in clauses": `try { bad(); } catch (a) { await tick(); try { bad2(); } catch (b) { await tick(); log(a.message, b.message); try { await gone(a); } catch (c) { await tick(); log(c === a); } await tick(); } log(await tick(a.message)); }`,
  "tries in tries": `try { try { bad(); } catch (a) { log(await tick(a.message)); } log(await tick("between")); try { await gone(new Error("x")); } catch (b) { log(await tick(b.message)); throw b; } } catch (c) { log(await tick(c.message)); }`,
  "the same name again and again": `try { bad(); } catch (e) { await tick(); log(e.message); } try { bad2(); } catch (e) { await tick(); log(e.message); } try { bad(); } catch (e) { log(e.message); }`,
  "closures see the error": `const seen = []; for (let i = 0; i < 2; i++) { try { throw i; } catch (e) { seen.push(() => e); await tick(); seen.push(() => e); } } return seen.map((f) => f());`,
  "variables of the clause": `try { bad(); } catch (e) { const a = await tick(1); let b = 2; b += await tick(a); log(a, b); b++; log(await tick(b), e.message); }`,
  "under a condition, without braces": `for (const c of [true, false]) if (c) try { bad(); } catch (e) { log(await tick(e.message)); log(await tick(2)); } else log("else");`,
  "behind else": `for (const c of [true, false]) if (c) { log(await tick("then")); } else try { bad(); } catch { log(await tick(1)); log("b"); }`,
  "only a return waits": `await tick(1); try { bad(); } catch (e) { log(e.message); return await tick(3); }`,
  "without semicolons": `try { bad()\n } catch (e) { await tick()\n log(e.message)\n } return "end"`,
  "a function of the try block": `let g; try { async function inner() { await tick(); log("inner"); } g = inner; bad(); } catch (e) { log(await tick(e.message)); await g(); log(e.message); }`,
};

const LIBRARY = `
  const bad = () => { throw new Error("bad"); }; const bad2 = () => { throw new Error("bad2"); };
  function* source() { try { yield 0; yield 1; yield 2; } finally { log("closed"); } }
  const work = async (n) => { await tick(); if (n < 2) throw new Error("work" + n); return n; };`;

test.each(Object.entries(functions))("a catch clause that waits does what it does natively: %s", async (_, body) => {
  const program = `${LIBRARY}\nconst f = async (arg) => {${body}};\nreturn f(1);`;
  const { native, compiled } = await bothWays(program);
  expect(compiled).toEqual(native);
  const { code } = transform(
    `"use tsyncio"; (log, tick, gone, bad, bad2, source, work) => { const f = async (arg) => {${body}} }`,
    {
      filename: "a.cts",
    },
  )!;
  expectNoGenerator(code);
});

/** What a function logs that is cancelled after so many turns of the loop. */
async function cancelled(body: string, turns: number): Promise<unknown[]> {
  const text = `"use tsyncio"; exports.main = (log, sleep) => async () => {${body}};`;
  const { code, main } = compiledMain<(log: (...items: unknown[]) => void, wait: unknown) => () => never>(text);
  expect(code).toContain("$frame(");
  const log: unknown[] = [];
  await cancelAfter(turns, log, () => main((...items) => log.push(items.join(" ")), sleep)());
  return log;
}

test.each([
  [
    "is caught, and the clause waits",
    `try { log("in"); await sleep(0); await sleep(0); } catch (e) { log(String(e)); await sleep(0); log(String(e)); } finally { log("finally"); } return "end";`,
    1,
    ["in", "CancelledError: now", "CancelledError: now", "finally", "end"],
  ],
  [
    "is not caught by the clause that it strikes",
    `try { throw new Error("a"); } catch (e) { log(e.message); await sleep(0); log("never"); }`,
    1,
    ["a", "CancelledError: now"],
  ],
  [
    "is caught around the clause that it strikes",
    `try { try { throw new Error("a"); } catch (e) { await sleep(0); log("never"); } finally { log("finally"); } } catch (e) { await sleep(0); log(String(e)); }`,
    1,
    ["finally", "CancelledError: now", null],
  ],
  [
    "runs the finalizer beside the clause that it strikes, and closes the loop around it",
    `const list = { *[Symbol.iterator]() { try { yield 1; } finally { log("closed"); } } };
     for (const x of list) try { throw x; } catch (e) { await sleep(0); log("never"); } finally { log("finally"); }`,
    1,
    ["finally", "closed", "CancelledError: now"],
  ],
])("a cancellation %s", async (_, body, turns, logged) => {
  expect(await cancelled(body, turns)).toEqual(logged.map((item) => item ?? undefined));
});
