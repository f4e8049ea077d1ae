import { isAbsolute } from "node:path";
import { pathToFileURL } from "node:url";
import { RuntimeError } from "tsyncio";

/** Where a function is: a module and the name of its export. */
export interface RemoteAddress {
  readonly url: string;
  readonly name: string;
}

type AnyFunction = (...args: any[]) => unknown;

/** The functions of a module, as references to them: see `remote`. */
export type Remote<M> = { readonly [K in keyof M as M[K] extends AnyFunction ? K : never]: M[K] };

const addresses = new WeakMap<AnyFunction, RemoteAddress>();

/** @internal The address of a reference; undefined for a function that is none. */
export function addressOf(fn: AnyFunction): RemoteAddress | undefined {
  return addresses.get(fn);
}

/**
 * References to the functions that a module exports, typed as the functions themselves, without loading the module
 * here: what a thread, a process or another machine can run. Their parameters and results are checked by the compiler.
 *
 * ```ts
 * const work = remote<typeof import("./work.js")>(new URL("./work.js", import.meta.url));
 * const total = await toThread(work.sum, [1, 2, 3]);
 * ```
 *
 * @param url the module: an absolute URL (`file:`, `data:`, `node:`), or an absolute path.
 * @throws {TypeError} for a relative path or a bare name, which mean something else in a worker than here.
 */
export function remote<M>(url: string | URL): Remote<M> {
  const href = moduleUrl(url);
  const references = new Map<string, AnyFunction>();
  const get = (_: object, name: string | symbol): AnyFunction | undefined => {
    // A promise looks for `then`: a reference to it would never answer.
    if (typeof name === "symbol" || name === "then") return undefined;
    const made = references.get(name) ?? reference({ url: href, name });
    references.set(name, made);
    return made;
  };
  return new Proxy(Object.create(null) as object, { get }) as Remote<M>;
}

function reference(address: RemoteAddress): AnyFunction {
  const fn = (): never => {
    throw new RuntimeError(
      `Cannot call ${address.name}() here: it is a reference to ${address.url}; pass it to toThread() or to submit() of an executor`,
    );
  };
  Object.defineProperty(fn, "name", { value: address.name });
  addresses.set(fn, address);
  return fn;
}

function moduleUrl(url: string | URL): string {
  if (url instanceof URL) return url.href;
  if (/^[a-z][a-z0-9+.-]+:/i.test(url)) return url;
  if (isAbsolute(url)) return pathToFileURL(url).href;
  throw new TypeError(
    `Cannot refer to module ${JSON.stringify(url)}: a worker resolves it from elsewhere; pass new URL(${JSON.stringify(url)}, import.meta.url)`,
  );
}
