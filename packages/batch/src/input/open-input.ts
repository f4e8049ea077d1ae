import { type BatchInput, isBatchInput } from "./batch-input.ts";
import { csvInput } from "./csv-input.ts";
import { iterableInput } from "./iterable-input.ts";
import { jsonlInput } from "./jsonl-input.ts";

/** What `batch` accepts as its input. */
export type InputSource = string | URL | BatchInput | Iterable<unknown> | AsyncIterable<unknown>;

/**
 * The input of what was given: a file by the end of its name (`.jsonl`, `.ndjson`, `.csv`, `.tsv`), an iterable, or an input.
 *
 * @throws {TypeError} for anything else.
 */
export function openInput(source: InputSource): BatchInput {
  if (typeof source === "string" || source instanceof URL) {
    const name = source instanceof URL ? source.pathname : source;
    if (/\.(?:jsonl|ndjson)$/i.test(name)) return jsonlInput(source);
    if (/\.csv$/i.test(name)) return csvInput(source);
    if (/\.tsv$/i.test(name)) return csvInput(source, { delimiter: "\t" });
    throw new TypeError(
      `Cannot read ${name}: expected a name that ends in .jsonl, .ndjson, .csv or .tsv; or use jsonlInput() or csvInput()`,
    );
  }
  if (isBatchInput(source)) return source;
  if (typeof source === "object" && source !== null && (Symbol.iterator in source || Symbol.asyncIterator in source))
    return iterableInput(source);
  throw new TypeError(`Cannot read ${String(source)}: expected a path, an iterable, or an input such as jsonlInput()`);
}
