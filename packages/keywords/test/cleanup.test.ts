import { describe, expect, test } from "vitest";
import { transform } from "../src/transform.ts";

/** The cleanup of the first function of a text. */
function cleanupOf(body: string, head = "async function f(x)"): number {
  const { code } = transform(`"use tsyncio";${head} {${body}}`, { filename: "a.ts", stripTypes: false })!;
  return Number(/(?:(?:\$coro|\$agen)\(.*?,[^,]*?\$,|\$frame\(f\$,)(\d)[,)]/.exec(code)![1]);
}

const THROW = 0;
const DROP = 1;
const CLOSE = 2;

describe("a frame that waits is dropped when nothing in it would notice", () => {
  test.each([
    ["a value that is waited for behind an await", "await 1; return x;"],
    ["plain awaits", "await x; return x;"],
    ["a try without an await", "try { x(); } catch {} await x;"],
    ["an await in a catch clause", "try { x(); } catch { await x; }"],
    ["an await in finally", "try { x(); } finally { await x; }"],
    ["an await before the loop's iterator is open", "for (const y of await x) x(y);"],
    ["for await whose body does not wait", "let s = 0; for await (const y of x) s += y; return s;"],
    ["other loops", "for (let i = 0; await x; i++) await x; while (await x) await x; for (const k in x) await x;"],
    ["a spread after an await", "x(...(await x), await x);"],
    ["an object pattern", "const { a = await x } = x;"],
    ["a try in a nested function", "const g = async () => { try { await x; } catch {} }; await x;"],
  ])("%s", (_, body) => {
    expect(cleanupOf(body)).toBe(DROP);
  });
});

describe("a frame is closed when only things that a return runs would notice", () => {
  test.each([
    ["try and finally", "try { await x; } finally { x(); }"],
    ["an await in the catch clause of a try with finally", "try { x(); } catch { await x; } finally { x(); }"],
    ["a loop over an iterator", "for (const y of x) await y;"],
    ["an array pattern", "const [a = await x] = x;"],
    ["an array pattern that is assigned to", "let a; [a = await x] = x;"],
    ["using", "using a = x; await x;"],
    ["using in the head of a loop", "for (using a = x; ; ) await a;"],
    ["using of a loop", "for (using a of x) await a;"],
    ["return out of a try with finally", "try { await x; return x; } finally { x(); }"],
  ])("%s", (_, body) => {
    expect(cleanupOf(body)).toBe(CLOSE);
  });
});

describe("a cancellation is thrown in where it may be caught", () => {
  test.each([
    ["try and catch", "try { await x; } catch {}"],
    ["catch and finally", "try { await x; } catch {} finally {}"],
    ["a catch around a finally", "try { try { await x; } finally {} } catch {}"],
    ["one await inside, one outside", "await x; try { await x; } catch {} await x;"],
    ["for await whose body waits", "for await (const y of x) await y;"],
    ["for await in a try", "try { for await (const y of x) x(); } catch {}"],
    ["await using", "await using a = x; await x;"],
    ["await using without another await", "await using a = x;"],
    ["await using of a loop", "for (await using a of x) x();"],
    ["return await in a try", "try { return await x; } catch {}"],
  ])("%s", (_, body) => {
    expect(cleanupOf(body)).toBe(THROW);
  });

  test("a delegation", () => {
    expect(cleanupOf("yield* x;", "async function* f(x)")).toBe(THROW);
  });

  test("an async generator without one is dropped", () => {
    expect(cleanupOf("yield 1; await x;", "async function* f(x)")).toBe(DROP);
  });
});
