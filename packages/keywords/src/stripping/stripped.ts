import type { SourceFormat } from "../parse.ts";
import type { EncodedMap } from "../source-map.ts";

/** JavaScript that Node 20 runs, and the map back to what it was made from. */
export interface Stripped {
  readonly code: string;
  readonly map: EncodedMap | undefined;
}

export interface StripOptions {
  readonly sourcemap: boolean;
  readonly format?: SourceFormat | undefined;
}
