import type { FunctionSpec } from "../messages.ts";

export type AnyFunction = (...args: any[]) => unknown;

/** Calls for several items, of which one gave what must be awaited; those after it are still to be made. */
export class EachCall {
  readonly fn: AnyFunction;
  readonly items: readonly unknown[];
  readonly results: unknown[];
  /** What the last call gave. */
  readonly awaited: unknown;

  constructor(fn: AnyFunction, items: readonly unknown[], results: unknown[], awaited: unknown) {
    this.fn = fn;
    this.items = items;
    this.results = results;
    this.awaited = awaited;
  }
}

/** Whether a function may load modules: a reference does, and a text that imports. */
export function loadsModules(spec: FunctionSpec): boolean {
  return !("source" in spec) || /\bimport\s*\(/.test(spec.source);
}

/**
 * The function that a job calls.
 *
 * @throws {TypeError} when the module has no such function; what loading or compiling it throws.
 */
export function loadFunction(spec: FunctionSpec): AnyFunction | Promise<AnyFunction> {
  if ("source" in spec) return forItems(compile(spec.name, spec.source), spec);
  return importFunction(spec.url, spec.name).then((fn) => forItems(fn, spec));
}

/** The function itself, or one that calls it for each item, one after the other. */
function forItems(fn: AnyFunction, { each }: FunctionSpec): AnyFunction {
  if (each !== true) return fn;
  return (items: readonly unknown[]) => {
    const results: unknown[] = [];
    for (const item of items) {
      const value = fn(item);
      if (isThenable(value)) return new EachCall(fn, items, results, value);
      results.push(value);
    }
    return results;
  };
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  return typeof (value as { then?: unknown }).then === "function";
}

function importFunction(url: string, name: string): Promise<AnyFunction> {
  return import(url).then((module: Record<string, unknown>) => {
    const found = module[name];
    if (typeof found === "function") return found as AnyFunction;
    const why = name in module ? `it is ${typeof found}, no function` : "it exports no such name";
    throw new TypeError(
      `Cannot run ${name} of ${url}: ${why}; it exports ${Object.keys(module).join(", ") || "nothing"}`,
    );
  });
}

function compile(name: string, source: string): AnyFunction {
  let found: unknown;
  try {
    // As a property it gets its name, if it has none of its own.
    found = evaluate(name, `({ [${JSON.stringify(name)}]: ${source}\n})`);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // A method: `name(x) { … }`.
    found = evaluate(name, `({ ${source}\n})`);
  }
  const [fn] = Object.values(found as Record<string, unknown>);
  if (typeof fn !== "function") throw new TypeError(`Cannot compile ${name}() from its text`);
  return fn as AnyFunction;
}

/**
 * Indirect: nothing of this module is in its scope. Strict, as modules are. It may import, which code of `node:vm` may not
 * without a warning, and is named in stacks.
 */
function evaluate(name: string, source: string): unknown {
  // oxlint-disable-next-line no-eval -- to compile what was sent is what this is for
  const indirect = globalThis.eval;
  return indirect(`"use strict"; ${source}\n//# sourceURL=sent:${encodeURIComponent(name)}`);
}

/** What a self-contained function misses, told in the terms of its author. */
export function explain(error: unknown, spec: FunctionSpec): unknown {
  if (error instanceof ReferenceError && "source" in spec && Object.isExtensible(error))
    error.message += `; ${spec.name}() was sent to a worker as text, where the variables around it do not exist: pass them as arguments, or pass a reference made by remote()`;
  return error;
}
