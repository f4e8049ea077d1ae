import { createUnplugin, type UnpluginInstance } from "unplugin";
import { languageOf, plainName } from "./parse.ts";
import { mayBeSelected } from "./select.ts";
import { transform } from "./transform.ts";

export interface PluginOptions {
  /** The module that compiled code imports. @defaultValue "tsyncio/runtime" */
  readonly runtime?: string;
  /**
   * Erase types too, for a bundler that has no part of its own for TypeScript (Rollup).
   * @defaultValue false
   */
  readonly stripTypes?: boolean;
}

const plugin: UnpluginInstance<PluginOptions | undefined> = createUnplugin((options: PluginOptions | undefined) => ({
  name: "tsyncio:keywords",
  enforce: "pre" as const,
  transformInclude: (id) => languageOf(id) !== undefined && !plainName(id).includes("/node_modules/"),
  transform(code, id) {
    if (!mayBeSelected(code)) return null;
    const { stripTypes = false, ...rest } = options ?? {};
    return transform(code, { ...rest, filename: id, stripTypes }) as { code: string } | null;
  },
}));

/**
 * The plugin for Vite: `plugins: [vite()]`. It runs before Vite's own, which strip the types.
 *
 * @example
 * ```ts
 * import { vite } from "@tsyncio/keywords/plugin";
 *
 * export const config = { plugins: [vite()] };
 * ```
 */
export const vite: UnpluginInstance<PluginOptions | undefined>["vite"] = plugin.vite;
/** The plugin for Rollup: `plugins: [rollup({ stripTypes: true })]`, or without the option in front of a TypeScript plugin. */
export const rollup: UnpluginInstance<PluginOptions | undefined>["rollup"] = plugin.rollup;
/** The plugin for Rolldown: `plugins: [rolldown()]`. */
export const rolldown: UnpluginInstance<PluginOptions | undefined>["rolldown"] = plugin.rolldown;
/** The plugin for esbuild: `plugins: [esbuild()]`. */
export const esbuild: UnpluginInstance<PluginOptions | undefined>["esbuild"] = plugin.esbuild;
/** The plugin for webpack: `plugins: [webpack()]`. */
export const webpack: UnpluginInstance<PluginOptions | undefined>["webpack"] = plugin.webpack;
/** The plugin for Rspack: `plugins: [rspack()]`. */
export const rspack: UnpluginInstance<PluginOptions | undefined>["rspack"] = plugin.rspack;
