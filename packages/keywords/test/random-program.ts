/** Random bodies of async functions: what may stand around an `await`, and every way out of it. */
export class RandomProgram {
  #state: number;
  #names = 0;
  #loops = 0;
  #steps = 0;
  readonly #first: string;
  readonly #called: string[] = [];

  /** `first` stands at the beginning of each function. */
  constructor(seed: number, first = "") {
    this.#first = first;
    this.#state = (seed * 2654435761 + 12345) >>> 0;
  }

  #random(): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return this.#state / 2 ** 32;
  }

  #upTo(n: number): number {
    return Math.floor(this.#random() * n);
  }

  #one<T>(...choices: readonly T[]): T {
    return choices[this.#upTo(choices.length)]!;
  }

  /** Functions `f0`, `f1` … of which each may call those before it, and the calls of the last one. */
  text(): string {
    const functions = [0, 1, 2].map((i) => this.#function(i));
    return `let fuel = 60; const burn = () => { if (--fuel < 0) throw new Error("out of fuel"); return true; };
      const see = (x) => (log(x), x);
      let hear = (...xs) => (log("heard", ...xs), xs[0]), Box = class { constructor(...xs) { log("box", ...xs); } }, nothing;
      const box = { list: [], k: 0, put(...xs) { log("put", this === box, ...xs); return xs[1]; }, get n() { log("get n"); return this.k; }, set n(x) { log("set n", x); this.k = x; },
        get here() { log("here"); q++; return this; }, get text() { return { toString() { log("text"); return "t" + q; } }; } };
      function* items(n) { try { for (let i = 0; i < n; i++) yield i; log("no more"); } finally { log("closed"); } }
      ${functions.join("\n")}
      for (const args of [[0, 1], [3, 2], [-1, 5]]) {
        fuel = 60;
        try { log("gave", await ${this.#called[2]}(...args)); } catch (error) { log("threw", error.message); }
      }
      return [p, q];`;
  }

  #function(i: number): string {
    // A coroutine runs when it is awaited, a native async function when it is called: none is called without an await.
    const many = this.#one(["a", "b", "c", "d"], ["a", "b", "c", "d", "e"], ["a", "b", "c"]);
    const parameters = this.#one(["a", "b"], ["a", "b"], ["a"], [], many);
    const kind = this.#upTo(8);
    const isMethod = kind === 2 || kind === 3;
    const body = this.#first + this.#body([...parameters, "p", ...(isMethod ? ["this.x"] : [])], i);
    const before = i === 0 ? "let p = 1, q = 2;" : "";
    this.#called[i] = isMethod ? `o${i}.m` : `f${i}`;
    const list = parameters.map((name) => (this.#random() < 0.1 ? `${name} = 2` : name)).join(",");
    switch (kind) {
      case 0:
      case 1:
        return `${before}const f${i} = async (${list}) => {${body}};`;
      case 2: {
        const name = this.#one("m", "#m");
        const call = this.#one("return this.#m(a, b);", "return await this.#m(a, b);", "log(await this.#m(a, b));");
        const other = name === "m" ? "" : `async m(a, b) {${this.#first}${call}}`;
        return `${before}class C${i} { x = 1; async ${name}(${list}) {${body}} ${other} } const o${i} = new C${i}();`;
      }
      case 3:
        return `${before}const o${i} = { x: 1, async m(${list}) {${body}} };`;
      case 6: {
        const value = this.#value([...parameters, "p"], i);
        return `${before}const f${i} = async (${list}) => ${this.#first === "" ? value : `{${this.#first} return ${value};}`};`;
      }
      case 4:
        return `${before}const f${i} = async function (${list}) {${body}};`;
      case 5: {
        const pattern = parameters.map((name) => `[${name}]`).join(",");
        return `${before}async function u${i}(${pattern}) {${body}} const f${i} = (${parameters.join(",")}) => u${i}(${parameters.map((name) => `[${name}]`).join(",")});`;
      }
      default:
        return `${before}async function f${i}(${list}) {${body}}`;
    }
  }

  #body(known: readonly string[], i: number): string {
    if (this.#random() < 0.8) return this.#list(known, 3, i);
    const seen = this.#one(...known.filter((name) => !name.includes(".")));
    const inner = `${this.#one("", "async ")}function inner(x) { log("inner", x); return ${seen} + early; }`;
    const uses = "log(first === inner, typeof await inner(1));";
    return `const early = ${this.#plain(known)}, first = inner; {${this.#list(known, 2, i)}} ${inner} ${uses} {${this.#list(known, 1, i)}} ${uses}`;
  }

  #list(variables: readonly string[], depth: number, i: number): string {
    const known = [...variables];
    let text = "";
    for (let n = 1 + this.#upTo(4); n > 0; n--) text += this.#statement(known, depth, i);
    return text;
  }

  #statement(known: string[], depth: number, i: number): string {
    const e = (): string => this.#plain(known);
    const w = (): string => this.#wait(known, i);
    if (depth === 0 || this.#random() < 0.55) return this.#short(known, i);
    const block = (): string => this.#list(known, depth - 1, i);
    switch (this.#upTo(10)) {
      case 0:
        return `if (${this.#one(e, e, w)()}) {${block()}}${this.#one("", ` else {${block()}}`, ` else if (${this.#one(e, w)()}) ${w()};`)}\n`;
      case 1:
        return `try {${block()}} catch (error) { log("caught", error.message);${this.#one("", this.#short([...known], i), block())} }\n`;
      case 2:
        return `try {${block()}} finally { log("left", ${e()});${this.#random() < 0.1 ? `return ${e()};` : ""} }\n`;
      case 3:
        return `try {${block()}} ${this.#one(`catch (${this.#one("e", "p")}: any) { log(e.message);`, "catch {").replace("(p: any) { log(e", "(p: any) { log(p")}${this.#one("", block())} } finally { log("both"); }\n`;
      case 4: {
        const name = this.#fresh(known);
        const label = this.#one("", `${name}: `);
        this.#loops++;
        const body = this.#list([...known, name], depth - 1, i);
        const out = label === "" ? this.#one("break", "continue") : this.#one(`break ${name}`, `continue ${name}`);
        this.#loops--;
        const test = this.#one(
          `${name} < ${1 + this.#upTo(3)}`,
          `${name} < ((${w()}) % 3)`,
          `hear(${name}, ${w()}) < 2`,
        );
        return `${label}for (let ${name} = 0; ${test}; ${name}++) { burn(); ${body} ${this.#one("", `if (${e()}) ${out};`)} }\n`;
      }
      case 5:
      case 6: {
        const name = this.#fresh(known);
        const label = this.#one("", `${name}: `);
        const source = this.#one(`items(${this.#upTo(4)})`, `[${e()}, ${e()}]`, `new Set([${e()}, 8])`);
        this.#loops++;
        const body = this.#list([...known, name], depth - 1, i);
        const out = this.#one("break", "continue", `return ${this.#one(e, w)()}`, `throw new Error("out of it")`);
        this.#loops--;
        return `${label}for (${this.#one("const", "let")} ${name} of ${source}) { burn(); ${body} ${this.#one("", `if (${e()} > 2) ${out};`)} }\n`;
      }
      case 7:
        return `while (${this.#one("burn()", `burn() && ${e()} > 0`, `(${w()}) > 0 && burn()`, `burn() && (${w()})`)}) {${this.#one(block(), w() + ";")} if (${e()} !== 2) break; }\n`;
      case 8:
        return `do { burn(); ${block()} } while (${this.#one(`${e()} > 7`, `(${w()}) > 7`)});\n`;
      default:
        return `{${block()}}\n`;
    }
  }

  #short(known: string[], i: number): string {
    const e = (): string => this.#plain(known);
    const w = (): string => this.#wait(known, i);
    const semicolon = this.#one(";", ";", "\n");
    switch (this.#upTo(20)) {
      case 16:
      case 17:
      case 18:
      case 19:
        return `${this.#before(known, i).replace(/^(?=[[(`])/, ";")}${semicolon}`;
      case 0:
      case 1:
        return `${w()}${semicolon}`;
      case 2:
      case 3: {
        const name = this.#fresh(known);
        const text = `${this.#one("const", "let")} ${name}${this.#one("", ": any")} = ${this.#one(w, e)()}${semicolon}`;
        known.push(name);
        return text;
      }
      case 4: {
        const x = this.#fresh(known);
        const y = this.#fresh([...known, x]);
        const text = this.#one(
          `const { x: ${x}, y: ${y} = ${e()} } = await tick({ x: ${e()} })${semicolon}`,
          `const [${x}, ${y}] = [${e()}, ${e()}]${semicolon}`,
          `let ${x}, ${y} = ${e()}${semicolon}`,
          `const ${x} = ${w()}, ${y} = ${this.#one(w, e)()}${semicolon}`,
          `let ${x}, ${y} = ${w()}${semicolon}`,
        );
        known.push(x, y);
        return text;
      }
      case 5:
        return `p ${this.#one("=", "+=", "-=")} ${w()}${semicolon}`;
      case 6:
        return `see((${w()}), ${e()})${semicolon}`;
      case 7:
        return `log((${w()}) + (${w()}))${semicolon}`;
      case 8:
        return `return ${this.#one(e(), w(), `${e()} > 1 ? ${w()} : ${e()}`, `${e()} ? (${w()}) + (${w()}) : ${w()}`, `tick(${e()})`)}${semicolon}`;
      case 9:
        return `if (${e()} === 3) throw new Error("e" + ${e()})${semicolon}`;
      case 10:
        return `await gone(new Error("g" + ${e()}))${semicolon}`;
      case 11: {
        const name = this.#fresh(known);
        const seen = this.#one(...known);
        known.push(name);
        return `const ${name} = ((n) => n + ${seen})(1); log([1, 2].map((n) => n * ${seen}))${semicolon}`;
      }
      case 12:
        return `log({ n: ${w()}, m: ${e()} })${semicolon}`;
      case 13:
        return this.#loops > 0 ? `if (${e()} > 1) ${this.#one("break", "continue")}${semicolon}` : `q++${semicolon}`;
      default:
        return `log(${++this.#steps}, ${e()})${semicolon}`;
    }
  }

  /** A statement in which something stands before what it waits for. */
  #before(known: readonly string[], i: number): string {
    const e = (): string => this.#one(this.#plain(known), "q", "p", "box.n", "see(q)", "`${q}`");
    const w = (): string => this.#wait(known, i);
    const o = (): string => this.#one("box", "box.here");
    const value = this.#one(
      () => `hear(${e()}, ${w()}, ${e()})`,
      () => `hear(${w()}, ${w()})`,
      () => `${o()}.put(${e()}, ${w()}, ${e()})`,
      () => `${o()}["put"](${w()}, ${w()})`,
      () => `${e()} + (${w()}) * ${e()}`,
      () => `(${w()}) - ${e()} - (${e()})`,
      () => `[${e()}, ${w()}, ...[p, q], ${e()}, ${w()}, ...${o()}.list].join()`,
      () => `({ q, a: ${e()}, ...{ p }, b: ${w()}, ...${o()} }).q`,
      () => `\`\${${o()}.text} \${${e()}} \${${w()}} \${${e()}} \${${w()}}\``,
      () => `new Box(${e()}, ${w()})`,
      () => `(${w()}) || ${e()}`,
      () => `(${e()} ${this.#one("&&", "||", "??")} (${w()}))`,
      () => `(${e()} > 1 ? ${w()} : ${this.#one(e, w)()})`,
      () => `hear(${e()}, ${e()} > 1 ? box.put(${e()}, ${w()}) : [${w()}, ${e()}, ${w()}], ${this.#one(e, w)()})`,
      () => `hear(q, ${e()} && (${e()} ? ${w()} : 1), (${w()}) ? ${e()} : ${e()}, q, ${this.#one(e, w)()})`,
      () => `(${e()}, ${w()}, ${e()})`,
      () => `hear((${w()}) > 1 ? ${e()} : hear(q), q)`,
      () => `${this.#one("nothing", "box.none", "new nothing", "box.here.none", "box.put.x")}(${e()}, ${w()}, ${e()})`,
    );
    return this.#one(
      () => value(),
      () => `p = ${value()} > q ? q : 1`,
      () => `log(${value()})`,
      () => `hear = hear.bind(null, q); q ${this.#one("+=", "=", "-=")} ${e()} * (${w()})`,
      () => `${o()}.n ${this.#one("+=", "=", "*=")} ${w()}`,
      () => `${o()}.list[${e()} % 3] ${this.#one("+=", "=")} ${e()} + (${w()})`,
      () => `if (${e()} < (${w()})) return ${e()}`,
      () => `throw new Error(${e()} + (${w()}))`,
    )();
  }

  /** What may be the body of an arrow, and waits. */
  #value(known: readonly string[], i: number): string {
    const e = (): string => this.#plain(known);
    const w = (): string => this.#wait(known, i);
    return this.#one(
      () => `(${w()}) + (${w()})`,
      () => `${w()} + ${e()}`,
      () => `(${w()})`,
      () => `({ n: ${e()}, m: ${w()} }).m`,
      () => `[${w()}, ${w()}].length`,
      () => `tick(see(${w()}))`,
      () => `(see(${e()}), ${w()})`,
    )();
  }

  #wait(known: readonly string[], i: number): string {
    const e = this.#plain(known);
    const call = i > 0 ? `await (burn(), ${this.#call(i).replace(/$|(?=\.)/, ")")}(${e}, 2)` : `await tick(${e})`;
    const knownCall = i > 0 ? `await ${this.#call(i)}(${e}, see(${this.#plain(known)}))` : `await ${e}`;
    return this.#one(`await tick(${e})`, `await tick(see(${e}))`, `await ${e}`, call, knownCall);
  }

  #call(i: number): string {
    return this.#called[this.#upTo(i)]!;
  }

  #plain(known: readonly string[]): string {
    return this.#one(
      `${this.#upTo(4)}`,
      this.#one(...known),
      this.#one(...known),
      `${this.#one(...known)} + 1`,
    ).replace(/^(.* .*)$/, "($1)");
  }

  /** A name that is not in sight, but may be used elsewhere. */
  #fresh(known: readonly string[]): string {
    const name = `s${this.#upTo(4)}`;
    return known.includes(name) ? `v${this.#names++}` : name;
  }
}
