export { type PluginOptions, vite } from "./plugin.ts";
