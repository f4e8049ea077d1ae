import type MagicString from "magic-string";
import { SourceMap } from "magic-string";
import { plainName } from "./parse.ts";

type Segment = number[];

/**
 * The map of the keyword pass. Where a compiled function begins it carries the function's name: a generator is called
 * `work$`, and Node shows the name of the map in its place.
 *
 * @param functions the names, by the offset of what the generator was made from
 */
export function mapWithNames(text: MagicString, filename: string, functions: ReadonlyMap<number, string>): SourceMap {
  const decoded = text.generateDecodedMap({ hires: "boundary", source: plainName(filename), includeContent: true });
  const names: string[] = [];
  const wanted = new Map<string, number>();
  const lines = lineStarts(text.original);
  let line = 0;
  for (const [offset, name] of [...functions].toSorted(([a], [b]) => a - b)) {
    while (line + 1 < lines.length && lines[line + 1]! <= offset) line++;
    wanted.set(`${line}:${offset - lines[line]!}`, names.push(name) - 1);
  }
  if (wanted.size > 0) {
    for (const segments of decoded.mappings as Segment[][]) {
      for (const segment of segments) {
        const name = wanted.get(`${segment[2]}:${segment[3]}`);
        if (name !== undefined) segment[4] = name;
      }
    }
  }
  return new SourceMap({ ...decoded, names });
}

function lineStarts(code: string): number[] {
  const starts = [0];
  for (let at = code.indexOf("\n"); at !== -1; at = code.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}
