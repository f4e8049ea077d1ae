import type { LoadHook, ResolveHook } from "node:module";
import { loadSource } from "./load.ts";
import { isRuntime, typedTwin } from "./resolve.ts";

/** The hooks of `module.register`, which run in a thread of their own: Node 20. */
export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  const twin = typedTwin(specifier, context.parentURL);
  if (twin !== undefined) return nextResolve(twin, context);
  try {
    return await nextResolve(specifier, context);
  } catch (error) {
    if (!isRuntime(specifier)) throw error;
    return nextResolve(specifier, { ...context, parentURL: import.meta.url });
  }
};

export const load: LoadHook = async (url, context, nextLoad) => {
  const loaded = loadSource(url);
  if (loaded === undefined) return nextLoad(url, context);
  // Without a source, CommonJS goes the way of `require`, which `hookRequire` has changed.
  return loaded.format === "commonjs" ? { format: "commonjs", shortCircuit: true } : loaded;
};
