// The door. What npm publishes has the whole package in this file: see scripts/single-file.mjs.
export * from "./index.ts";
