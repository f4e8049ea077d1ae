import { RuntimeError } from "../errors.ts";
import { exec } from "./execution.ts";

const UNSET: unique symbol = Symbol("unset");
type Value = unknown;

/** By number. Variables are made once, in modules; a context knows them by their numbers. */
const variables: ContextVar<any>[] = [];

/**
 * A set of context variables and their values. Every task and every callback runs in one.
 * Copying is O(1): the values are shared until one of the two sides writes.
 *
 * @see https://docs.python.org/3.13/library/contextvars.html
 */
export class Context {
  /** @internal Values by variable number. */
  slots: Value[];
  /** @internal True while another context may hold the same array. */
  shared: boolean;
  /** How often it was entered by run(), or left for another one. What runs in it by itself does not count. */
  #entered = 0;

  /** @param from the new context begins with the values of this one. */
  constructor(from?: Context) {
    if (from === undefined) {
      this.slots = [];
      this.shared = false;
    } else {
      this.slots = from.slots;
      this.shared = from.shared = true;
    }
  }

  /**
   * Calls `fn` in this context and gives what it returns: variables that it sets stay in this context.
   *
   * @throws {RuntimeError} when the context is entered already.
   */
  run<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): R {
    if (this.#entered > 0 || exec.context === this)
      throw new RuntimeError("Cannot enter Context: it is entered already; use copyContext() for a second one");
    return this.within(fn, ...args);
  }

  /** @internal As `run`, also where it is entered already. */
  within<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): R {
    const outside = exec.context;
    if (outside !== undefined) outside.#entered++;
    this.#entered++;
    exec.context = this;
    try {
      return fn(...args);
    } finally {
      exec.context = outside;
      this.#entered--;
      if (outside !== undefined) outside.#entered--;
    }
  }

  /** A copy: later writes on either side do not reach the other. */
  copy(): Context {
    return new Context(this);
  }

  /** The value of `variable` in this context, else `fallback`; the variable's own default does not count. */
  get<T, F = undefined>(variable: ContextVar<T>, fallback?: F): T | F {
    return this.has(variable) ? (this.slots[variable.index] as T) : (fallback as F);
  }

  /** Whether `variable` has a value in this context. */
  has(variable: ContextVar<any>): boolean {
    return variable.index < this.slots.length && this.slots[variable.index] !== UNSET;
  }

  /** How many variables have a value in this context. */
  get size(): number {
    return this.keys().length;
  }

  /** The variables that have a value in this context. */
  keys(): ContextVar<any>[] {
    return variables.slice(0, this.slots.length).filter((variable) => this.has(variable));
  }

  /** The values, in the order of `keys()`. */
  values(): unknown[] {
    return this.keys().map((variable) => this.slots[variable.index]);
  }

  /** Variables with their values. */
  entries(): [variable: ContextVar<any>, value: unknown][] {
    return this.keys().map((variable) => [variable, this.slots[variable.index]]);
  }
}

/** A copy of the current context: later writes on either side do not reach the other. */
export function copyContext(): Context {
  return new Context(exec.context);
}

/** @internal What a new task or callback runs in: a copy of the current context; undefined stands for an empty one. */
export function inheritedContext(): Context | undefined {
  const current = exec.context;
  return current === undefined || current.slots.length === 0 ? undefined : new Context(current);
}

/** Gives the value before. Apart from the class: a program without variables of its own goes without it. */
function write(context: Context, index: number, value: Value): Value {
  if (context.shared) {
    context.slots = context.slots.slice();
    context.shared = false;
  }
  const { slots } = context;
  while (slots.length <= index) slots.push(UNSET);
  const old = slots[index];
  slots[index] = value;
  return old;
}

/** What `ContextVar.set` gives: `reset(token)` brings the earlier value back, once. */
export class Token<T> {
  /** The variable that was set. */
  readonly variable: ContextVar<T>;
  /** @internal */ readonly context: Context;
  /** @internal */ readonly old: unknown;
  /** @internal */ used = false;

  /** @internal */
  constructor(variable: ContextVar<T>, context: Context, old: unknown) {
    this.variable = variable;
    this.context = context;
    this.old = old;
  }

  /** The value before, undefined when there was none. */
  get oldValue(): T | undefined {
    return this.old === UNSET ? undefined : (this.old as T);
  }
}

/**
 * A variable whose value belongs to the context: a task sees what its creator had when it was created, and its own
 * writes stay its own.
 *
 * @example
 * ```ts
 * import { ContextVar, createTask, run } from "tsyncio";
 * const user = new ContextVar<string>("user", { default: "nobody" });
 * async function main() {
 *   user.set("ann");
 *   await createTask(greet());
 * }
 * async function greet() {
 *   console.log(user.get());
 * }
 * await run(main()); // → ann
 * ```
 * @see https://docs.python.org/3.13/library/contextvars.html#contextvars.ContextVar
 */
export class ContextVar<T> {
  readonly name: string;
  /** @internal */ readonly index: number = variables.push(this) - 1;
  readonly #default: T | typeof UNSET;

  constructor(name: string, options?: { readonly default?: T }) {
    this.name = name;
    this.#default = options !== undefined && "default" in options ? (options.default as T) : UNSET;
  }

  /** The variables of this name, in the order in which they were made: how another thread finds the twins of its own. */
  static named(name: string): readonly ContextVar<unknown>[] {
    return variables.filter((variable) => variable.name === name);
  }

  /**
   * The value in the current context, else `fallback`, else the variable's default.
   *
   * @throws {RuntimeError} when there is none of the three.
   */
  get(...fallback: [T] | []): T;
  get<F>(fallback: F): T | F;
  get(...fallback: unknown[]): unknown {
    const slots = exec.context?.slots;
    const value = slots !== undefined && this.index < slots.length ? slots[this.index] : UNSET;
    if (value !== UNSET) return value;
    if (fallback.length > 0) return fallback[0];
    if (this.#default !== UNSET) return this.#default;
    throw new RuntimeError(
      `Cannot get ContextVar "${this.name}": it has no value in this context; set it or give a default`,
    );
  }

  /** Sets the value in the current context; the token undoes it. */
  set(value: T): Token<T> {
    let context = exec.context;
    if (context === undefined) {
      context = exec.context = new Context();
      if (exec.task !== null) exec.task.context = context;
    }
    return new Token<T>(this, context, write(context, this.index, value));
  }

  /**
   * Brings back the value from before the `set` that gave the token.
   *
   * @throws {RuntimeError} for a token that was used.
   * @throws {TypeError} for a token of another variable or another context.
   */
  reset(token: Token<T>): void {
    if (token.used) throw new RuntimeError(`Cannot reset ContextVar "${this.name}": the token has been used already`);
    if (token.variable !== this)
      throw new TypeError(
        `Cannot reset ContextVar "${this.name}": the token is of ContextVar "${token.variable.name}"`,
      );
    if (token.context !== exec.context)
      throw new TypeError(`Cannot reset ContextVar "${this.name}": the token was made in a different context`);
    token.used = true;
    write(token.context, this.index, token.old);
  }
}
