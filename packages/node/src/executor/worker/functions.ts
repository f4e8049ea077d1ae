import vm from "node:vm";
import { coroutine, isAwaitable } from "tsyncio";
import type { FunctionSpec } from "../messages.ts";

type AnyFunction = (...args: any[]) => unknown;

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
      // From the first that must be awaited on they need a coroutine around them.
      if (isAwaitable(value)) return awaitingEach(fn, items, results, value);
      results.push(value);
    }
    return results;
  };
}

const awaitingEach = coroutine(function* map(
  fn: AnyFunction,
  items: readonly unknown[],
  results: unknown[],
  first: unknown,
): Generator<any, unknown[], any> {
  results.push(yield first);
  while (results.length < items.length) results.push(yield fn(items[results.length]));
  return results;
});

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
  try {
    return evaluate(name, `(${source}\n)`) as AnyFunction;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  // A method: `name(x) { … }`.
  const [method] = Object.values(evaluate(name, `({ ${source}\n})`) as Record<string, AnyFunction>);
  if (typeof method !== "function") throw new TypeError(`Cannot compile ${name}() from its text`);
  return method;
}

function evaluate(name: string, source: string): unknown {
  // So that `await import("node:…")` works in it.
  const importModuleDynamically = vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
  return vm.runInThisContext(source, { filename: `sent:${name}`, importModuleDynamically });
}

/** What a self-contained function misses, told in the terms of its author. */
export function explain(error: unknown, spec: FunctionSpec): unknown {
  if (error instanceof ReferenceError && "source" in spec && Object.isExtensible(error))
    error.message += `; ${spec.name}() was sent to a worker as text, where the variables around it do not exist: pass them as arguments, or pass a reference made by remote()`;
  return error;
}
