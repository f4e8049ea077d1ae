import { createRequire } from "node:module";

/**
 * The names at the prompt: those of tsyncio, `asyncio` for all of them together, and what was declared before.
 *
 * Names are globals. Those that JavaScript has a global of its own for (`Event`) are left alone there, because other code
 * relies on them: only what is typed sees tsyncio's.
 */
export class Scope {
  readonly #globals = globalThis as unknown as Record<string, unknown>;
  readonly #local = new Map<string, unknown>();

  constructor(names: object) {
    this.#local.set("require", createRequire(`${process.cwd()}/`));
    this.#local.set("$module", moduleWith);
    for (const [name, value] of Object.entries({ ...names, asyncio: names })) {
      if (name in globalThis) this.#local.set(name, value);
      else this.#define(name, value);
    }
  }

  /** The names that are parameters of an input, not globals. */
  get localNames(): readonly string[] {
    return [...this.#local.keys()];
  }

  get localValues(): readonly unknown[] {
    return [...this.#local.values()];
  }

  /** Every name that can be typed. */
  get names(): readonly string[] {
    const visible = this.localNames.filter((name) => !name.startsWith("$"));
    return [...new Set([...visible, ...Object.getOwnPropertyNames(globalThis)])];
  }

  get(name: string): unknown {
    return this.#local.has(name) ? this.#local.get(name) : this.#globals[name];
  }

  /** Makes room for a declaration: an assignment to the global must not run into a getter or a constant. */
  declare(name: string): void {
    this.#local.delete(name);
    const descriptor = Object.getOwnPropertyDescriptor(globalThis, name);
    if (descriptor === undefined || descriptor.writable === true) return;
    if (descriptor.configurable !== true)
      throw new TypeError(`Cannot declare "${name}": it is a constant of JavaScript`);
    this.#define(name, undefined);
  }

  /** The value of the last input, as `_`. */
  remember(value: unknown): void {
    this.#define("_", value);
  }

  #define(name: string, value: unknown): void {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
  }
}

/** An import names exports that exist; destructuring alone would give undefined. */
function moduleWith(module: Record<string, unknown>, from: string, names: readonly string[]): unknown {
  for (const name of names) {
    if (!(name in module)) throw new SyntaxError(`The module "${from}" does not provide an export named "${name}"`);
  }
  return module;
}
