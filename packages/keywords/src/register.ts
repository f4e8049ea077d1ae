import module from "node:module";
import { loadSource } from "./load.ts";
import { hookRequire } from "./require-hook.ts";
import { isRuntime, typedTwin } from "./resolve.ts";
import { preloadInWorkers } from "./worker-preload.ts";

/** `module.registerHooks` of Node 22.15 and later; Node 20's types do not know it. */
type RegisterHooks = (hooks: {
  resolve(specifier: string, context: Context, next: (specifier: string, context: Context) => object): object;
  load(url: string, context: Context, next: (url: string, context: Context) => object): object;
}) => void;
interface Context {
  readonly parentURL?: string | undefined;
}

/** CommonJS whose source a hook gives has, on Node 22, a `require` that cannot load ES modules; one without a source is loaded by `require`. */
const BY_REQUIRE = { format: "commonjs", source: null, shortCircuit: true };

const { registerHooks } = module as unknown as { registerHooks?: RegisterHooks };

if (registerHooks === undefined) {
  module.register(import.meta.url.replace(/register(\.[jt]s)$/, "hooks$1"));
} else {
  registerHooks({
    resolve(specifier, context, next) {
      const twin = typedTwin(specifier, context.parentURL);
      if (twin !== undefined) return next(twin, context);
      try {
        return next(specifier, context);
      } catch (error) {
        if (!isRuntime(specifier)) throw error;
        return next(specifier, { ...context, parentURL: import.meta.url });
      }
    },
    load(url, context, next) {
      const loaded = loadSource(url);
      return loaded === undefined ? next(url, context) : loaded.format === "commonjs" ? BY_REQUIRE : loaded;
    },
  });
}

hookRequire();
preloadInWorkers(import.meta.url);
process.setSourceMapsEnabled(true);
