import { describe, expect, test } from "vitest";
import { bothWays } from "./both-ways.ts";

const programs: Record<string, string> = {
  "messages about this and super are those of JavaScript": `
    class A { g = 1; get k() { return this.g; } }
    class B extends A {
      async one() { await tick(); return this.nope(); } async two() { await tick(); return super.nope(1); } async three() { await tick(); for (const x of this.g) log(x); }
      async four() { await tick(); return delete this; } async five() { const k = super.k; await tick(); super.n = k + (await tick(1)); return [this.n, super.k, await tick(2)]; }
      async six() { await tick(); return (() => this.nope())(); } async seven() { await tick(); return new this.g(); } async #eight(x = super.k, y = this.g) { await tick(); return [x, y]; } async eight() { return this.#eight(); } }
    const b = new B();
    for (const k of ["one", "two", "three", "four", "five", "six", "seven", "eight"]) try { log(k, await b[k]()); } catch (error) { log(k, error.name, error.message); }
    return b.one.call(undefined).then(log, (error) => log(error.message));`,
  "methods that wait more than once, with this, private names and arrows": `
    class Account { #sum = 1; static made = 0;
      constructor() { Account.made++; }
      async add(n, times = 2) { for (let i = 0; i < times; i++) { await tick(); this.#sum += n; } return this; }
      async all(list) { for (const x of list) await this.add(x); const f = async (k) => { await tick(); return this.#sum * k; }; const g = () => this.#sum; return [await f(2), g()]; }
      async #hidden({ a, b = a }, ...rest) { await tick(); try { await tick(); return [this.#sum, a, b, rest]; } finally { log("hidden", this.#sum); } }
      async shown() { const r = await this.#hidden({ a: 1 }, 2, 3); return r; }
      static async #s(x) { await tick(); return [this === Account, x]; } static async s() { return this.#s(4); }
      static async made3() { const { made } = this; await tick(); return made; }
      async none() { return this.#sum; } async "a b"(x) { await tick(); return x; } async [tick.name](x) { await tick(); return [x, this.#sum]; } }
    const a = new Account();
    const { add } = a;
    try { await add(1); } catch (error) { log(error.constructor.name, error.message); }
    const describe = (o, k) => [o[k].name, o[k].length, "prototype" in o[k]];
    log(describe(a, "add"), describe(a, "all"), describe(a, "a b"), describe(a, tick.name), describe(Account, "s"));
    return [await (await a.add(3)).all([1, 2]), await a.shown(), await Account.s(), await Account.made3(), await a.none(), await a["a b"](1), await a[tick.name](5)];`,
  "methods and functions of objects, with patterns and defaults": `
    const order = (x) => (log(x), x);
    const o = { n: 2, async m(a, [b, c] = [order("b"), 3]) { await tick(); return [this.n, a, b, c]; },
      f: async function ({ a = order("a"), ...more } = {} as any, k = a) { await tick(); return [this.n, a, more, k]; },
      arrow: async ({ x }, y = x + 1) => { await tick(); return [x, y]; }, short: async ({ x }, y = x + 1) => (await tick([x, y])).length + (await tick(y)), first: async ([x]) => await tick(x) + 1, async ["c" + 1](x = 1) { await tick(); return [x, this.n]; } };
    async function declared({ a, b: { c } }, d = () => a) { await tick(); log(d()); return [a, c]; }
    async function constants(a = 1, b = "x", c = [], d = -1.5) { await tick(); a = a + 1; await tick(); return [a, b, c, d, arguments.length]; }
    async function given(a, b = 7) { await tick(undefined); await tick(undefined); if (a) b = undefined; await tick(undefined); return [a, b]; }
    for (const bad of [() => o.arrow(), () => declared({})]) try { await bad(); } catch (error) { log(error.constructor.name); }
    log(o.m.length, o.f.length, o.arrow.length, declared.length, given.length, declared.name, o.f.name, o.arrow.name, o.c1.name);
    return [await o.m(1), await o.m(1, [5, 6]), await o.f(), await o.f({ a: 1, z: 2 }), await o.arrow({ x: 1 }), await o.arrow({ x: 1 }, 9), await o.c1(), await o.short({ x: 4 }), await o.first([1]),
      await declared({ a: 1, b: { c: 2 } }), await constants(), await constants(5, undefined, null), await given(0), await given(1), await given(0, 3)];`,
  "this of a function, of arrows in it and in a constructor": `
    async function f(a) { await tick(); const g = async () => { await tick(); return [this === undefined ? "none" : this.v, a]; }; return g(); }
    class A { v = "field"; made; constructor() { this.made = async () => { await tick(); return this.v; }; } later = async () => { await tick(); return [await (async () => { await tick(); return this.v; })()]; }; }
    class B extends A { more; constructor() { super(); this.more = async (x) => { await tick(); return [this.v, x]; }; } }
    const b = new B();
    return [await f(1), await f.call({ v: "given" }, 2), await b.made(), await b.later(), await b.more(3)];`,
  "methods, static methods and their descriptors": `
    class A { async m(a) { await tick(); return [this.constructor.name, a]; } static async s() { return this.name; } async "a b"() {} async 5() {} }
    const describe = (o, k) => { const { value, ...rest } = Object.getOwnPropertyDescriptor(o, k); return [k, value.name, value.length, rest, "prototype" in value]; };
    return [await new A().m(1), await A.s(), describe(A.prototype, "m"), describe(A, "s"), describe(A.prototype, "a b"), describe(A.prototype, "5"), Object.getOwnPropertyNames(A.prototype)];`,
  "private methods, static too, with super and arguments": `
    class A { v() { return "A.v"; } static w() { return "A.w"; } }
    class B extends A {
      async #p(a, b = 2) { await tick(); return [super.v(), a, b, arguments.length]; }
      static async #s() { return super.w(); }
      async *#g() { yield super.v(); }
      async all() { const out = [await this.#p(1), await B.#s(), #p in this]; for await (const x of this.#g()) out.push(x); return out; }
    }
    return new B().all();`,
  "super in methods": `
    class A { async m(x) { return ["A", x]; } get g() { return "get"; } set g(v) { log("set", v); } static async s() { return "As"; } }
    class B extends A {
      async m(x) { const r = await super.m(x); super.g = 1; return [...r, super.g, await (async () => super.m("arrow"))()]; }
      static async s() { return (await super.s()) + (await (async () => super.s())()); }
    }
    return [await new B().m(1), await B.s()];`,
  "super in arrows: reads, calls, writes, computed, optional": `
    class A { x = 1; m(...a) { return [this.y, ...a]; } get acc() { return this._acc ?? 0; } set acc(v) { this._acc = v; } }
    class B extends A { y = 2; constructor() { super(); this.f = async (k) => {
      const r = [super.m(1, 2), super[k](3), super.m?.(4), super.nothing?.(5), super.m(), super.m(...[6])];
      super.acc = 5; super.acc += 2; super.acc++; [super.acc] = [super.acc + 1];
      return [...r, super.acc, await tick(this.y)]; }; } f: any; }
    return new B().f("m");`,
  "super() in an async arrow": `
    class A { x = 1; constructor(v) { this.x = v; } hi() { return "hi"; } }
    class B extends A { p; constructor() { const f = async () => { const r = super(7); this.p2 = this.x; return r === this; }; const p = f(); if (false) super(0);
      log("after"); this.done = p; } done; p2; }
    const native = await (async () => { try { return [await new B().done]; } catch (e) { return e.name; } })();
    class C extends A { constructor(box) { super(1); box.f = async () => [this.x, super.hi()]; } }
    const box = {} as any; new C(box);
    return await box.f();`,
  "super() in an async arrow that has run": `
    class A { x; constructor(v) { this.x = v; } }
    let done;
    class B extends A { constructor() { const f = async () => { super(7); this.x++; return this.x; }; const c = f(); done = c.then(undefined, undefined); return Object.create(null); } }
    new B();
    return await done;`,
  "a method that is called __proto__": `
    const o = { async __proto__(x) { await tick(); return x; }, async "b"() {} };
    return [Object.getPrototypeOf(o) === Object.prototype, Object.keys(o), await o["__proto__"](3), o["__proto__"].name];`,
  "super in object methods": `
    const base = { async m() { return "base " + this.v; }, async *g() { yield 1; } };
    const key = "k";
    const o = { __proto__: base, v: 1, async m() { return "own " + (await super.m()); }, async *g() { yield* super.g(); yield 2; }, async [key]() { return [await super.m()]; }, async ["x" + key]() { return (async () => super.m())(); }, plain: 3 };
    for await (const x of o.g()) log(x);
    return [await o.m(), await o.k(), await o.xk(), Object.keys(o), o.m.name, o.k.name];`,
  "class fields and static blocks": `
    class A { v = 1; f = async () => this.v; static s = async () => this.name; g = async function () { return this; }; #h = async () => this.v + 1; h() { return this.#h(); }
      static { (async () => { log(this.name); })().then(() => log("ran")); async function inner() { return 9; } this.inner = inner; } static inner; }
    const a = new A();
    return [await a.f(), await A.s(), (await a.g()) === a, await a.h(), a.f.name, A.s.name, a.g.name, await A.inner()];`,
  "a static field may call a static method": `
    class A { static x = A.m(); static async m() { return 1; } }
    return A.x;`,
  "a field without semicolon before a method": `
    class A { x = 1
      async m() { return this.x }
      y = this.x
      async *g() { yield this.y }
      static z
      static async s() { return 2 }
      static
      async q() { return 3 } }
    const a = new A(); return [await a.m(), (await a.g().next()).value, await A.s(), await A.q()]`,
  "accessors and plain methods stay": `
    class A { get x() { return 1; } set x(v) { log(v); } m() { return 2; } *g() { yield 3; } static get y() { return 4; } async n() { return 5; } }
    const a = new A(); a.x = 9; return [a.x, a.m(), [...a.g()], A.y, await a.n()];`,
  "class expressions in loops with computed keys": `
    const cs = []; for (const k of ["a", "b"]) cs.push(class { async [k]() { return k; } static async [k + "s"]() { return k + 1; } });
    return [await new cs[0]().a(), await new cs[1]().b(), await cs[0].as(), await cs[1].bs()];`,
  "a method called on another object": `
    class A { async m() { return this.v; } }
    const { m } = A.prototype;
    return [await m.call({ v: 1 }), await A.prototype.m.apply({ v: 2 }, [])];`,
  "a subclass overrides and inherits": `
    class A { async m() { return this.n(); } async n() { return "A"; } } class B extends A { async n() { return "B" + (await super.n()); } }
    return new B().m();`,
  "a class in a parameter default and in extends": `
    const f = async (C = class { async m() { return 1; } }) => new (class extends C {})().m();
    return f();`,
  "await in extends and in computed keys": `
    class A { async m() { return 1; } }
    class B extends (await tick(A)) { [await tick("k")]() { return 2; } async [await tick("q")]() { return 3; } static [await tick("s")] = 4; }
    const b = new B() as any; return [await b.m(), b.k(), await b.q(), (B as any).s];`,
  "the name of a class is not changed by its methods": `
    const A = class { async m() {} }, o = { B: class { static async s() {} } };
    return [A.name, o.B.name, (class { async m() {} }).name];`,
  "an object made many times": `
    const make = (v) => ({ async m() { return v; }, n: async () => v + 1, async *g() { yield v; } });
    return [await make(1).m(), await make(2).n(), (await make(3).g().next()).value];`,
  "object methods with arguments, defaults and this": `
    const o = { k: 1, async m(a, b = this.k) { return [a, b, arguments.length]; } };
    return [await o.m(5), o.m.length, o.m.name];`,
  "decorated methods": `
    const seen = []; const dec = (value, ctx) => { seen.push([ctx.name, isCoroutineFunction(value)]); return function (...a) { return value.apply(this, a); }; };
    class A { v = 1; @dec async m(x) { await tick(); return [this.v, x]; } @dec static async s() { return 2; } @dec async *g() { yield this.v; } @dec plain() { return 3; } }
    return [await new A().m(4), await A.s(), (await new A().g().next()).value, new A().plain(), seen.map((s) => s[0])];`,
};

describe("classes and objects behave compiled as natively", () => {
  test.each(Object.entries(programs))("%s", async (_, program) => {
    const { native, compiled } = await bothWays(program);
    expect(compiled).toEqual(native);
  });
});
