import { Random } from "./random.ts";

/** What the expressions are about: everything tells when it is used, and every await changes variables. */
const AROUND = `
  let n = 1, turn = 0, none, key = { toString() { log("key"); return "x"; } };
  let g = (...a) => (log("g", ...a), a[0]), h = (...a) => (log("h", ...a), a.length);
  const k = (...a) => (log("k", ...a), 5), make = (x) => (log("make", x), (...a) => (log("made", ...a), a.at(-1)));
  const bump = () => { n++; if (turn++ % 3 === 1) [g, h] = [h, g]; };
  let Box = class { constructor(...a) { log("Box", ...a); this.x = a[0]; } };
  function* items(x) { log("items"); yield x; yield n; log("no more"); }
  const deep = { get x() { log("deep.x"); return 3; }, m(...a) { log("deep.m", this === deep, ...a); return this; }, toString: () => (log("deep text"), "D" + turn) };
  let o = { get x() { log("o.x"); return n; }, set x(v) { log("set x", v); }, get deep() { log("o.deep"); return deep; }, get g() { log("o.g"); return g; },
    m(...a) { log("m", this === o, ...a); return a[0]; }, text: { toString: () => (log("text"), "T" + turn), valueOf: () => (log("value"), 7 + turn) } };
  const c = { x: 2, list: [1, 2], m(...a) { log("c.m", this === c, ...a); return a[1]; } };
  const f = async (x) => (bump(), log("f", x), x), w = async (x) => { bump(); await tick(1); bump(); log("w", x); return x; };`;

/** A function around a random expression with awaits, and its call. */
export function randomExpression(seed: number): string {
  const random = new Random(seed);
  const x = new Expressions(random).some(3, 1 + random.upTo(3));
  const body = random.one(
    `return ${x};`,
    `;(${x});`,
    `const v = ${x}; return v;`,
    `if (${x}) log("yes", n); else log("no");`,
    `if (${x}) log(await w("in")); else { log(await w("else"), g(n)); }`,
    `o.x = ${x};`,
    `n ${random.one("=", "+=")} ${x}; return n;`,
    `own ${random.one("=", "+=")} ${x}; return own;`,
    `c[key] ${random.one("=", "+=")} ${x}; return c.x;`,
    `c.m(n, ${x}, n);`,
    `throw ${x};`,
    `try { return ${x}; } finally { log("left", n); }`,
    `for (const v of [1, 2]) log(v, ${x});`,
    `let v = 0; while (v++ < 2 && ${x}) log("again");`,
  );
  return `const shown = (x) => typeof x === "function" ? "function" : Array.isArray(x) ? x.map(shown) : Object(x) === x ? Object.keys(x) : (typeof x + " " + String(x)).replace(/\\s+/g, " ");
    return (async (log) => {${AROUND}
      const it = { v: 4, m(...a) { log("it.m", this === it, ...a); return a[0]; }, async go() { const local = (...a) => (log("local", ...a), a[0]); let own = 3; ${body} } };
      try { return shown(await it.go()); } catch (error) { log(error instanceof Error ? error.message : "thrown"); }
    })((...a) => log(...a.map(shown)));`;
}

const LEAVES =
  `1 n n k local own o.x o.text none c 's' this.v [n] (()=>n) o?.x typeof(n) -n n++ \`\${n}\` o.deep.x null own++ (own=n) undefined c.m ({n})`.split(
    " ",
  );

class Expressions {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** An expression with so many awaits. */
  some(depth: number, awaits: number): string {
    const { one, next } = { one: this.#random.one.bind(this.#random), next: () => this.#random.next() };
    if (awaits === 1 && (depth <= 0 || next() < 0.25)) {
      const x = one("1", "n", "o.x", "k", "local", "null", "g(n)", "o", "'a'", "c", "0");
      return one(`(await w(${x}))`, `(await ${x})`, `(await f(${x}))`);
    }
    if (awaits === 0 && depth <= 0) return this.#leaf();
    const [a, b, d] = this.#parts(depth, awaits) as [string, string, string];
    return one(
      `(${a} ${one("+", "-", "*", "<", "===")} ${b})`,
      `${one("g", "h", "k", "local", "o.m", "o.g", "c.m", "o['m']", "this.m", "o.deep.m", "make(n)", "none", "o.none", "(o.m)", "c[key]")}(${a}, ${b}, ${d})`,
      `${one("g", "o.m", "h")}(${this.#leaf()}, ${a}, ${b}, ${d})`,
      `[${a}, ${b}, ${this.#leaf()}, ${d}]`,
      `({ a: ${a}, n, [\`k\${n}\`]: ${b}, d: ${d} })`,
      `\`\${${a}} \${${b}} \${${d}}\``,
      `(${a} ? ${b} : ${d})`,
      `((${a} ${one("&&", "||", "??")} ${b}), ${d})`,
      `[${one("typeof", "!", "void", "-")} ${a}, (${b}).x, ${d}]`,
      `[(${one("o.x", "o.deep.y", "n", "own", "c[key]", "none.x", "this.v")} = ${a}), ${b}, ${d}]`,
      `[...${one("items(n)", "[n, 2]", "none", "c.list")}, ${a}, ${b}, ...[${d}]]`,
      `({ ...${one("o", "c", "none", "({ n })")}, a: ${a}, ...${one("o.deep", b)}, d: ${d} })`,
      `new ${one("Box", "none", "n", "Array")}(${a}, ${b}, ${d})`,
      `${one("g", "o.m")}(${a})(${b}, ${d})`,
      `g(((g) => g)(1), ${a}, (${b}).m, ${d})`,
    );
  }

  #parts(depth: number, awaits: number): readonly string[] {
    const counts = [0, 0, 0];
    for (let i = 0; i < awaits; i++) counts[this.#random.upTo(3)]!++;
    return counts.map((count) => this.some(depth - 1 - this.#random.upTo(2), count));
  }

  #leaf(): string {
    return this.#random.one(...LEAVES);
  }
}
