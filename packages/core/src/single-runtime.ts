// The door for compiled code on Node. What npm publishes has everything behind it in this file and its neighbours: see scripts/single-file.mjs.
export * from "./runtime.ts";
