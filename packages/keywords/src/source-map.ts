import remapping from "@jridgewell/remapping";

/** A source map, version 3. */
export interface SourceMap {
  readonly version: 3;
  readonly file?: string | null | undefined;
  readonly names: string[];
  readonly sources: (string | null)[];
  readonly sourcesContent?: (string | null)[] | undefined;
  readonly mappings: string;
}

/** A map as the tools give it. */
export interface EncodedMap {
  readonly file?: string | null | undefined;
  readonly names: string[];
  readonly sources: (string | null)[];
  readonly sourcesContent?: (string | null)[] | undefined;
  readonly mappings: string;
}

/** The map of two passes one after the other: from what `later` made to what `earlier` was made from. */
export function chain(later: EncodedMap, earlier: EncodedMap): SourceMap {
  const maps = [later, earlier].map((map) => ({ ...map, version: 3 as const, file: map.file ?? undefined }));
  const { names, sources, sourcesContent, mappings } = remapping(
    maps as Parameters<typeof remapping>[0] & object[],
    () => null,
  );
  return { version: 3, names, sources, sourcesContent, mappings: mappings as string };
}

/** The map of the keyword pass as a plain object. */
export function mapOfPass({ names, sources, sourcesContent, mappings }: EncodedMap): SourceMap {
  return { version: 3, names, sources, sourcesContent, mappings };
}

/** The map of one pass, with the text that it was made from. */
export function single(map: EncodedMap, filename: string, code: string): SourceMap {
  return { version: 3, names: map.names, sources: [filename], sourcesContent: [code], mappings: map.mappings };
}

/** The comment that carries a map inside the code. */
export function inlineComment(map: SourceMap): string {
  return `\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString("base64")}\n`;
}
