import { vite, type PluginOptions } from "./plugin.ts";

type VitePlugin = Extract<ReturnType<typeof vite>, { name: string }>;

/**
 * The plugin for Vitest: test files and what they import are compiled, and `using` is lowered for Node 20.
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
      return this.meta?.rolldownVersion === undefined
        ? { esbuild: { target: "es2022" } }
        : { oxc: { target: "es2022" } };
    },
  } as VitePlugin;
  return [...([vite(options)].flat() as VitePlugin[]), target];
}
