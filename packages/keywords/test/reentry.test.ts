import { coroutine, sleep } from "tsyncio";
import { describe, expect, test } from "vitest";
import { transform } from "../src/transform.ts";
import { bothWays } from "./both-ways.ts";
import { cancelAfter, compiledMain } from "./called-again.ts";
import { RandomProgram } from "./random-program.ts";

describe("random programs do what they do natively", () => {
  const count = Number(process.env["TSYNCIO_PROGRAMS"] ?? 400);
  const first = Number(process.env["TSYNCIO_SEED"] ?? 1);
  test(`${count} from ${first}`, async () => {
    let [reentered, iterating] = [0, 0];
    for (let seed = first; seed < first + count; seed++) {
      const program = new RandomProgram(seed).text();
      const { native, compiled } = await bothWays(program);
      expect({ seed, ...compiled }).toEqual({ seed, ...native });
      const { code } = transform(`"use tsyncio";async()=>{${program}}`, { filename: "a.ts" })!;
      reentered += code.match(/\$(?:frame|frameMethod|methodFrame)\(/g)?.length ?? 0;
      iterating += code.match(/\$loop\(/g)?.length ?? 0;
    }
    expect(iterating / count).toBeGreaterThan(0.15);
    // The others of three in each program wait where only a generator can.
    expect(reentered / count).toBeGreaterThan(0.7);
  }, 600_000);
});

/** What a program logs that is cancelled after so many iterations. */
async function cancelled(program: string, after: number): Promise<unknown[]> {
  const text = `"use strict"; "use tsyncio";\nexports.main = async function main(log, { tick, gone }) {\n${program}\n};`;
  const { main } = compiledMain<(log: (...items: unknown[]) => void, lib: unknown) => never>(text);
  const log: unknown[] = [];
  const lib = {
    tick: (value: unknown) => sleep(0, value),
    gone: coroutine(function* (error: unknown) {
      yield* sleep(0);
      throw error;
    }),
  };
  const start = () => main((...items) => log.push(items), lib);
  await cancelAfter(after, log, start, (accepted) => log.push(["cancelled", accepted]));
  return log;
}

describe("random programs that are cancelled anywhere do what they do as generators", () => {
  const count = Number(process.env["TSYNCIO_PROGRAMS"] ?? 40);
  const first = Number(process.env["TSYNCIO_SEED"] ?? 1);
  test(`${count} from ${first}`, async () => {
    let throughIt = 0;
    for (let seed = first; seed < first + count; seed++) {
      const program = new RandomProgram(seed).text();
      // A function that uses `arguments` stays a generator.
      const generators = new RandomProgram(seed, "0 && arguments;").text();
      expect(transform(`"use tsyncio";async()=>{${generators}}`, { filename: "a.ts" })!.code).not.toMatch(
        /\$(?:frame|frameMethod|methodFrame)\(/,
      );
      for (let after = 0; after < 12; after++) {
        const ours = await cancelled(program, after);
        expect({ seed, after, log: ours }).toEqual({ seed, after, log: await cancelled(generators, after) });
        if (ours.some((line) => JSON.stringify(line).includes("now"))) throughIt++;
      }
    }
    expect(throughIt).toBeGreaterThan(count);
  }, 600_000);
});

describe("what can be noticed is left to a generator", () => {
  const compiled = (body: string) =>
    transform(`"use tsyncio";let n = 0; const list = [];function g() {}async function f(a) {${body}}`, {
      filename: "a.ts",
    })!.code;

  test.each([
    ["an operation between two awaits", "g(n(await a), await a);"],
    ["a property between two awaits", "g((await a).x, await a);"],
    ["the target of an operation in parentheses", "(n) += await a;"],
    ["an object that becomes a string between two awaits", "g(`${{ a: await a }} ${await a}`);"],
    ["arguments that are spread before it", "g(...list, await a);"],
    ["a key that becomes a string before it", "g({ [n]: await a });"],
    ["a call that a message may show by its text", "n.x(await a).y();"],
    ["a class of an object, which a message may show", "new n.X(await a);"],
    ["what a message shows in no certain way", "[1].concat(await a); (n ? g : f)(await a);"],
    ["what stands before it on another line", "g(n,\nawait a);"],
    ["a constant that is assigned", "const x = 1; await a; x = 2;"],
    ["a constant that is assigned in parentheses", "const x = 1; await a; (x)++;"],
    ["a variable that is used before it is there", "await a; g(x); let x = 1;"],
    ["a variable that changes and that a function sees", "let x = 1; g(() => x); await a; x++;"],
    ["a parameter of that kind", "g(() => a); await n; a = 2;"],
    ["a variable of each turn of a loop that a function sees", "for (let i = 0; i < 3; i++) { g(() => i); await a; }"],
    ["a constant of each turn of a loop that a function sees", "while (n++ < 3) { const x = n; g(() => x); await a; }"],
    [
      "a function that the body declares, and that sees what is there later",
      "await a; const x = 1; g(h); function h() { return x; }",
    ],
    ["a function that the body declares, and that is assigned", "function h() {} h = g; await a;"],
    ["a function that a block declares", "{ function h() {} await a; }"],
    ["a name that means two things", "{ const n = 1; await n; } g(n); await a;"],
    ["a name that is declared twice, in scopes that nest", "const x = 1; { const x = 2; await x; } g(x);"],
    [
      "a name that is declared twice, and that a function sees",
      "{ const x = 1; g(() => x); await x; } { const x = 2; await x; }",
    ],
    [
      "a name that a function sees where it is declared again",
      "{ const x = 2; await x; } { const x = 1; g(() => x); await x; }",
    ],
    [
      "a name that is declared in a loop's body as in its head",
      "for (const x of list) { await x; { const x = 1; await x; } }",
    ],
    ["a name that means an outer one elsewhere", "{ const list = await a; g(list); } g(list);"],
    [
      "a constant that is assigned in one of two scopes",
      "{ let x = 1; x = 2; await x; } { const x = 2; x = 3; await x; }",
    ],
    ["arguments of an arrow inside", "await a; g(() => arguments);"],
    ["a loop over an iterator that has a pattern", "for (const { x } of list) await x;"],
    ["a loop over an iterator whose variable changes", "for (let x of list) { x++; await x; }"],
    ["a loop over an iterator into a variable from outside", "for (n of list) await n;"],
    ["a method of more parameters than a frame has room for", "class A { async m(b, c, d, e) { await b; } }"],
    ["super in an arrow", "const o = { async m() { await a; g(() => super.m()); } };"],
    ["super in a parameter", "const o = { async m(x = super.m()) { await x; } };"],
    ["a function that calls itself by its own name", "g(async function h() { await h(); });"],
    ["what a loop over an iterator waits for to begin", "for (const x of await a) g(x);"],
    ["a catch clause that waits and whose variable changes", "try { g(); } catch (e) { e = 1; await e; }"],
    ["a catch clause that waits and has a pattern", "try { g(); } catch ({ message }) { await message; }"],
    ["a catch clause whose variable has the name of a parameter", "try { g(); } catch (a) { await n; } g(a);"],
    ["a loop whose variable has the name of a parameter", "for (const a of list) await a; g(a);"],
    ["a variable that is used where it gets its value", "const x = g(x); await a;"],
    ["a variable of a pattern that is used before it is there", "const { x = y, y } = a; await x;"],
    ["an await in finally", "try { g(); } finally { await a; }"],
    [
      "a condition that does something with what it waits for",
      "g((await a).x && (await a)); g((await a).x ? await a : 1);",
    ],
    ["a do loop with continue, whose condition waits", "do { if (a) continue; g(); } while (await a);"],
    ["what is assigned under a condition", "a &&= await n;"],
    ["an await inside of an await", "await g(await a);"],
  ])("%s", (_, body) => {
    expect(compiled(body)).not.toMatch(/\$(?:frame|frameMethod|methodFrame)\(/);
  });

  test("a parameter with a decorator, where another tool compiles that", () => {
    const text = '"use tsyncio";class A { async m(@g a) { await a; } async n(a) { await a; } }';
    const { code } = transform(text, { filename: "a.ts", stripTypes: false })!;
    expect(code).toMatch(/\* m\(@g a\)/);
    expect(code).toMatch(/ n\(\$F,a,\$h\)/);
  });

  test("but a function of the file, a constant and what belongs to the language do not change", () => {
    expect(compiled("f(await a); list[0] = await a; list[1] = Number(await a);")).toContain("$frame(");
  });

  test.each([
    [
      "an await alone, in a declaration, an assignment, an argument",
      "await a; const x = await a; n = await a; g(x, await a);",
    ],
    ["an arrow that gives a value", "await a; return [async () => ({ a, b: await a }), async (x) => (await x).a];"],
    [
      "what is kept until it is needed",
      "g(n, await a); globalOne(await a); g(h(), await a); console.log(await a); (list[n++]) = await a; n += g(n) + (await a);",
    ],
    [
      "a name that is declared twice",
      "{ const x = 1; await x; } { let x = 2; x++; await x; } for (const x of list) await x;",
    ],
    [
      "a name that an inner function declares for itself",
      "let x = await a; x++; g((x) => x, () => { var x = 1; return x; }); await x;",
    ],
    [
      "a name that is declared again where nothing waits",
      "let i = await a; for (let i = 0; i < 2; i++) g(() => i); i++; await i;",
    ],
    [
      "a function that the body declares",
      "const x = 1; await a; g(h); function h() { return x + a + k(); } async function k() { await h; } await a;",
    ],
    ["members that stay where they are", "list[0] = await a; list[a] = await n;"],
    ["a constant that a function sees", "const x = await a; g(() => x + a); await x;"],
    [
      "loops, conditions and try",
      "for (let i = 0; i < 3; i++) { if (i) continue; try { await a; } catch {} finally { g(); } }",
    ],
    [
      "a loop over an iterator",
      "for (const x of list) { g(() => x); if (await x) continue; for (const y of x) await y; }",
    ],
    ["this", "await this.a; const h = async () => { await this.a; g(() => this); };"],
    ["many parameters", "await a; const h = async (b, c, d, e, f) => { await b; };"],
    ["defaults and patterns", "await a; const h = async (x = 1, { y = x }, [z]) => { await z; };"],
  ])("and this is not: %s", (_, body) => {
    const { length } = body.match(/async|$/g)!;
    expect(compiled(body).match(/\$(?:frame|methodFrame)\(/g)).toHaveLength(length);
  });

  test.each([
    ["a method", "class A { async m(a) { await this.a; } static async s() { await 1; } }", 2],
    ["one with defaults that are constants", "class A { async m(a = 1, b = -2, c = {}) { await a; } }", 1],
    ["a private one", "class A { async #m({ a }) { await a; } m() { return this.#m({}); } }", 1],
    ["super", "class A extends B { async m(a) { await super.m(a); super.n = super.k + (await a); } }", 1],
    ["super of an object", "const o = { async m(a) { await super.m(a); } };", 1],
    ["this in a parameter", "const h = async (x = this) => { await x; };", 1],
    ["a method of an object", "const o = { async m(a) { await this.a; } };", 1],
    ["a function expression", "const o = async function ({ a }) { await this.a; };", 1],
  ])("nor is %s", (_, text, count) => {
    const { code } = transform(`"use tsyncio";${text}`, { filename: "a.ts" })!;
    expect(code.match(/\$(?:frame|frameMethod|methodFrame)\(/g)).toHaveLength(count);
    expect(code).not.toMatch(/\*/);
  });
});
