import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { SourceFormat } from "./parse.ts";

const types = new Map<string, SourceFormat | undefined>();

/** What the nearest package.json says of `.js` and `.ts` files; undefined when it says nothing. */
export function packageType(filename: string): SourceFormat | undefined {
  return ofFolder(dirname(filename));
}

function ofFolder(folder: string): SourceFormat | undefined {
  if (types.has(folder)) return types.get(folder);
  let text: string | undefined;
  try {
    text = readFileSync(join(folder, "package.json"), "utf8");
  } catch {
    // Most folders have none.
  }
  const parent = dirname(folder);
  let type: SourceFormat | undefined;
  if (text !== undefined) type = (JSON.parse(text) as { type?: SourceFormat }).type;
  else if (parent !== folder) type = ofFolder(parent);
  types.set(folder, type);
  return type;
}
