/**
 * Names that a file does not use. Every introduced name holds a `$`, so only the file's own names with a `$` matter;
 * comments and strings count as used too, which does no harm.
 */
export class Names {
  readonly #used: Set<string>;
  readonly #purposes = new Map<string, string>();
  /** The name of the function, by the name of its generator. */
  readonly #generators = new Map<string, string>();

  constructor(code: string) {
    this.#used = new Set(code.match(/[\p{ID_Continue}$]*\$[\p{ID_Continue}$]*/gu));
  }

  /** One name for each purpose, the same every time: `$enter`, or `$enter1` when the file has its own `$enter`. */
  get(base: string): string {
    let name = this.#purposes.get(base);
    if (name === undefined) this.#purposes.set(base, (name = this.fresh(base)));
    return name;
  }

  /** A new name each time. */
  fresh(base: string): string {
    let name = base;
    for (let n = 1; this.#used.has(name); n++) name = `${base}${n}`;
    this.#used.add(name);
    return name;
  }

  /** The name of the generator of a function: its own name and a `$`, or more where the file has that name too. */
  generator(name: string): string {
    let generator = `${name}$`;
    while (this.#used.has(generator) || (this.#generators.get(generator) ?? name) !== name) generator += "$";
    this.#generators.set(generator, name);
    return generator;
  }
}
