export type { SourceFormat } from "./parse.ts";
export { type SourcePosition, SourceError } from "./source-error.ts";
export type { SourceMap } from "./source-map.ts";
export { transform, type TransformOptions, type TransformResult } from "./transform.ts";
