import { describe, expect, test } from "vitest";
import { transform } from "../src/transform.ts";
import { bothWays } from "./both-ways.ts";

function compiled(program: string): string {
  return transform(`"use tsyncio";${program}`, { filename: "a.ts", sourcemap: false })!.code;
}

describe("await of a function of the same file calls it where it stands", () => {
  const programs = [
    ["at the top", "async function f(x) { await x; } async function g() { await f(1); }"],
    ["before its declaration", "async function g() { await f(1); } async function f(x) { await x; }"],
    ["of itself", "async function f(x) { if (x > 0) await f(x - 1); }"],
    ["inside of another function", "async function g() { await 1; async function f(x) { await x; } return f(1); }"],
    ["as one branch of what is returned", "async function f(x) { await x; return x ? f(0) : 1; }"],
    ["exported", "export async function f(x) { await x; } export async function g() { return await f(1); }"],
    ["with types", "async function f<T>(x: T) { await x; } async function g() { await f<number>(1); }"],
    [
      "that is also handed on",
      "async function f(x) { await x; } const o = { f, g: async () => { await f(1); await 1; } };",
    ],
  ];
  test.each(programs)("%s", (_, program) => {
    expect(compiled(program!)).toMatch(/\$callFrame\(f\$, \d, /);
  });

  test.each(programs)("%s, and starts its generator when it has one", (_, program) => {
    const generator = program!.replace(/f(<T>)?\((x(?:: T)?)\) \{/, "f$1($2) { arguments;");
    expect(compiled(generator)).toMatch(/\$call\(f\$, \d, f\$\(/);
  });

  test("and what is not known for sure is called as it is", () => {
    for (const program of [
      "let f = async (x) => { await x; }; async function g() { await f(1); }",
      "async function f(x) { await x; } f = other; async function g() { await f(1); }",
      "async function f(x) { await x; } for (f of all); async function g() { await f(1); }",
      "async function f(x) { await x; } async function g(f) { await f(1); }",
      "async function f(x) { await x; } async function g({ f }) { await f(1); }",
      "async function f(x) { await x; } async function g() { const f = other; await f(1); }",
      "async function f(x) { await x; } async function g() { try { x(); } catch (f) { await f(1); } }",
      "async function f(x) { await x; } const o = { f: async (x) => { await f(x); } };",
      "async function f(x) { await x; } class A { async f(x) { await f(x); } }",
      "async function f(x) { await x; } const o = { 'f': async (x) => { await f(x); } };",
      "if (x) { async function f(x) { await x; } } async function g() { await f(1); }",
      "async function f(x) { await x; } async function g() { eval(x); await f(1); }",
      "async function f(x) { 'native async'; await x; } async function g() { await f(1); }",
      "async function f(x) { await x; } async function g() { await f?.(1); await o.f(1); await new f(1); }",
      "import { f } from 'elsewhere'; async function g() { await f(1); }",
    ])
      expect(compiled(program)).not.toMatch(/\$call(?:Frame)?\(f\$/);
  });

  test("it gives what the call gives, with the same arguments in the same order", async () => {
    const { native, compiled: ours } = await bothWays(`
      async function sum(a, b = log("default") ?? 5, ...rest) { await tick(); return a + b + rest.length + arguments.length; }
      async function deep(n) { return n > 0 ? deep(n - 1) : tick("ground"); }
      async function fails(x) { await tick(); throw new Error(x); }
      const say = (x) => (log(x), x);
      log(await sum(say(1), say(2), say(3), say(4)), await sum(1), await sum(...[1, 2, 3]));
      log(await deep(3));
      try { await fails("late"); } catch (error) { log(error.message); }
      return sum(say("a"), say("b"));`);
    expect(ours).toEqual(native);
    expect(ours.log.length).toBeGreaterThan(8);
  });
});

describe("await of a private method calls it where it stands", () => {
  const of = (body: string, more = "") =>
    compiled(`class A { async #m(x) { await x; } ${more} async all(o) { ${body} } }`);

  test.each([
    ["of this", "await this.#m(1);", "this.#m$,1,this,1"],
    ["of another", "await o.#m(1);", "o.#m$,1,o,1"],
    ["handed on", "await 1; return this.#m(o);", "this.#m$,1,this,o"],
    ["in an arrow", "await (async () => { await this.#m(1); })();", "this.#m$,1,this,1"],
  ])("%s", (_, body, call) => {
    expect(of(body!).replaceAll(", ", ",")).toContain(`$callMethod(${call})`);
  });

  test("and starts its generator when it has one", () => {
    expect(of("await this.#g(1);", "async #g(x) { arguments; await x; }")).toContain("$call(this.#g$, 1, this.#g$(1))");
  });

  test("and what is not known for sure is called as it is", () => {
    for (const body of [
      "o.all()",
      "this.#m(...o)",
      "o.p.#m(1)",
      "o?.#m(1)",
      "this.#f(1)",
      "this.#d(1)",
      "this.#m(await o)",
    ])
      expect(of(`await ${body};`, "#f; @o async #d(x) { await x; }")).not.toMatch(/\$call(?:Method)?\(this/);
  });

  test("it is the one of the class around, and does what it does natively", async () => {
    const { native, compiled: ours } = await bothWays(`
      class Outer { #v = "outer"; async #m(x, y = 2) { try { await tick(); return [this.#v, x, y]; } finally { log("left"); } } async #none() { await tick(); return this.#v; }
        async #fails() { await tick(); throw new Error("late"); }
        static async #s(x) { await tick(); return [this === Outer, x]; } static async s() { return [await this.#s(1), await Outer.#s(2)]; }
        async deep(n) { return n === 0 ? this.#m(0) : [n, ...(await this.#down(n - 1))]; } async #down(n) { await tick(); return this.deep(n); }
        inner() { const outer = this; return class Inner { async #m(x) { await tick(); return ["inner", x]; } async all() { return [await this.#m(1), await outer.#none()]; } }; }
        async all(o) { const list = []; for (const x of [1, 2]) list.push(await this.#m(x)); list.push(await o.#m(3, 4), await this.#none());
          try { await this.#fails(); } catch (error) { log(error.message); }
          for (const bad of [{}, null]) try { await bad.#m(log("argument")); } catch (error) { log(error.constructor.name); }
          return list; } }
      const o = new Outer(); const Inner = o.inner();
      return [await o.all(new Outer()), await Outer.s(), await o.deep(60), await new Inner().all()];`);
    expect(ours).toEqual(native);
    expect(ours.log.length).toBeGreaterThan(6);
  });
});

describe("a function of at most two parameters that waits at most for what it gives has no generator", () => {
  test.each([
    ["a value", "async function f(x) { return x; }"],
    ["nothing", "async function f() { work(); }"],
    ["the call of another", "async function f(x) { if (x) return g(x); return 1; }"],
    ["one of two", "async function f(x, y) { return y; }"],
    ["with functions inside", "async function f(x) { const g = async () => { await x; }; return g(); }"],
  ])("%s", (_, program) => {
    expect(compiled(program)).toMatch(/function f\([$\d, ]*\) \{\s*return \$tail\(f\$.*\);\s*\}\s*function f\$/);
  });

  test.each([
    ["an await in a loop into a pattern", "async function f(x) { for (const [y] of x) await y; }"],
    ["three parameters", "async function f(x, y, z) { return x; }"],
    ["a default", "async function f(x = 1) { return x; }"],
    ["a pattern", "async function f({ x }) { return x; }"],
    ["a rest", "async function f(...x) { return x; }"],
    ["this", "async function f(x) { return this; }"],
    ["this of an arrow", "async function f(x) { return () => this; }"],
    ["arguments", "async function f(x) { return arguments; }"],
    ["new.target", "async function f(x) { return new.target; }"],
    ["for await", "async function f(x) { for await (const y of x) work(y); }"],
    ["await using", "async function f(x) { await using y = x; }"],
  ])("one with %s has one", (_, program) => {
    expect(compiled(program)).toContain("function* f$(");
  });

  test("what it gives is entered where it stands, when it is the call of another such and nothing is left to be closed", () => {
    const code = compiled(`
      async function f(x, y) {
        if (x) return f(x - 1, y,);
        try { return f(1, 1); } finally { work(); }
        for (const z of y) return f(2, 2);
        return x ? f /* ( */ (3, (x, y)) : g(f(4, 4));
      }`);
    const dense = code.replaceAll(/\/\*.*\*\/|\s/g, "");
    expect(dense).toContain("if(x)return$callTail(f$,x-1,y);");
    expect(dense).toContain("returnx?$callTail(f$,3,(x,y)):g(f(4,4));");
    expect(code.match(/\$callTail\(/g)).toHaveLength(2);
  });

  test("calls with two arguments do what they should, as deep as they go", async () => {
    const { native, compiled: ours } = await bothWays(`
      async function down(n, body) { return n > 0 ? down(n - 1, body) : body(n); }
      async function second(x, y) { return y; }
      async function either(x, y) { if (x) return second(x, tick(y)); try { return down(2, fails); } catch { return "missed"; } }
      async function fails(x) { throw new Error("why " + x); }
      const say = (x) => (log("said", x), x);
      log(await down(3, (n) => tick("ground")), await down(500, async (n) => tick(n)), await down(60, say));
      log(await second(say(1), say(2)), await second(1), await second(1, 2, say(3)), await second(...[1, 2]), await second(1, undefined));
      log(second.name, second.length);
      for (const x of [1, 0]) try { log(await either(x, 5)); } catch (error) { log(error.message); }
      for (const n of [0, 3, 200]) try { await down(n, fails); } catch (error) { log(error.message); }
      const first = down(100, (n) => tick("kept")), other = second(tick(1), tick(2)), third = either(0, 1);
      try { await third; } catch (error) { log(error.message); }
      return [await other, await first];`);
    expect(ours).toEqual(native);
    expect(ours.log.length).toBeGreaterThan(10);
  });

  test("it gives and throws what it should, awaited, called by name and scheduled", async () => {
    const { native, compiled: ours } = await bothWays(`
      async function same(x) { return x; }
      async function later(x) { log("called", x); return tick(x); }
      async function fails(x) { throw new Error(x); }
      async function goneLater(x) { return gone(new Error(x)); }
      async function inTry(x) { try { return tick(x); } finally { log("finally", x); } }
      const all = [same, later, inTry];
      log(await same(1), await later(2), await inTry(3), same.name, same.length);
      for (const f of all) log(await f(4));
      for (const f of [fails, goneLater]) try { await f("why"); } catch (error) { log(error.message); }
      try { await fails("by name"); } catch (error) { log(error.message); }
      const first = later(5), second = same(6);
      log(await second, await first);
      return goneLater("at the end").catch((error) => error.message);`);
    expect(ours.log).toEqual(native.log);
    expect(ours.result).toEqual(native.result);
  });
});
