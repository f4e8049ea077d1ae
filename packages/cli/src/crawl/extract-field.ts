import type { ExtractField } from "@tsyncio/crawl";
import { UsageError } from "../program-file.ts";

const FIELD = /^([^=[\]]+)(\[\])?=(.*?)(?:@([\w-]+))?(?:::(text|html|number|url|date))?$/;

/**
 * Reads a field of `--extract`: `name=selector`, `name=selector@attribute`, `name=selector::number`, `name[]=selector`.
 *
 * @throws {UsageError} for what is none.
 */
export function extractField(text: string): [name: string, field: ExtractField] {
  const [, name, all, selector, attr, as] = FIELD.exec(text) ?? [];
  if (name === undefined || selector === undefined || selector === "")
    throw new UsageError(`Cannot extract "${text}": expected name=selector, such as title=h1 or links[]=a@href::url`);
  const field = {
    selector,
    ...(all === undefined ? {} : { all: true }),
    ...(attr === undefined ? {} : { attr }),
    ...(as === undefined ? {} : { as: as as NonNullable<ExtractField["as"]> }),
  };
  return [name.trim(), field];
}
