import { fileURLToPath } from "node:url";
import { vite, type PluginOptions } from "./plugin.ts";

type VitePlugin = Extract<ReturnType<typeof vite>, { name: string }>;

const SETUP = fileURLToPath(
  new URL(`./vitest-setup${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url),
);

/**
 * The plugin for Vitest: test files and what they import are compiled, and `using` is lowered for Node 20. Modules that
 * a test gives to a thread or a process (`remote` of `@tsyncio/node`) are compiled there.
 * A test may be an async function that is a coroutine then: Vitest awaits it, which runs it on the default loop.
 *
 * @example
 * ```ts
 * import { vitest } from "@tsyncio/keywords/vitest";
 *
 * export const config = { plugins: [vitest()] };
 * ```
 */
export function vitest(options?: PluginOptions): VitePlugin[] {
  const target: VitePlugin = {
    name: "tsyncio:vitest",
    config(this: { meta?: { rolldownVersion?: string } }) {
      const target = { target: "es2022" };
      return {
        test: { setupFiles: [SETUP] },
        ...(this.meta?.rolldownVersion === undefined ? { esbuild: target } : { oxc: target }),
      };
    },
  } as VitePlugin;
  return [...([vite(options)].flat() as VitePlugin[]), target];
}
