import { Readable } from "node:stream";
import { parse } from "csv-parse";
import { asyncGenerator, give } from "tsyncio";
import { InputFault } from "../errors.ts";
import type { BatchInput, InputItem } from "./batch-input.ts";
import { type ByteSource, type OpenSource, openSource } from "./byte-source.ts";
import { Pull } from "./pull.ts";

/** Options of `csvInput`. */
export interface CsvInputOptions {
  /** What stands between two fields. Default: ",". */
  readonly delimiter?: string;
  /** The names of the columns, when the first line does not have them. */
  readonly columns?: readonly string[];
}

/** A line may have this many characters: what never ends is a quote that was not closed. */
const LONGEST = 64 * 2 ** 20;

/**
 * Items from CSV: an object for each record, its fields are text. The first line has the names of the fields, unless `columns`
 * names them. Records may have line feeds in quoted fields; their line is the one on which they begin. A record with too many
 * or too few fields is reported with its line and the others go on. A quote inside of a field that does not begin with one is a part
 * of it.
 *
 * @throws {BatchError} for a file that is not there.
 * @throws {TypeError} for what has no bytes to read, and for a delimiter that is no text.
 * @see https://www.rfc-editor.org/rfc/rfc4180
 */
export function csvInput(source: ByteSource, options: CsvInputOptions = {}): BatchInput {
  const { delimiter = ",", columns } = options;
  if (typeof delimiter !== "string" || delimiter === "")
    throw new TypeError(`Cannot read CSV: delimiter must be text, received ${String(delimiter)}`);
  const opened = openSource(source);
  return { name: opened.name, size: opened.size, items: () => reading(opened, delimiter, columns ?? null) };
}

type Fields = Readonly<Record<string, string>>;

const reading: (
  source: OpenSource,
  delimiter: string,
  columns: readonly string[] | null,
) => AsyncIterator<readonly InputItem[]> = asyncGenerator(function* readCsv(
  source: OpenSource,
  delimiter: string,
  columns: readonly string[] | null,
) {
  const parser = parse({
    bom: true,
    columns: columns === null ? true : [...columns],
    delimiter,
    info: true,
    max_record_size: LONGEST,
    // Otherwise one that stands wrongly takes the records behind it along.
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
  });
  const faults: InputItem[] = [];
  parser.on("skip", (error: (Error & { readonly lines?: number }) | undefined) => {
    faults.push(new CsvFault(error, parser.info.lines, parser.info.bytes));
  });
  const bytes = Readable.from(source.bytes(), { objectMode: false });
  bytes.on("error", (error) => parser.destroy(error)).pipe(parser);
  const records = new Pull(parser as AsyncIterable<CsvRecord>);
  try {
    for (;;) {
      const { done, value: record } = yield* records.next();
      const items = faults.splice(0);
      if (done !== true) items.push(new CsvItem(record));
      if (items.length > 0) yield* give(items);
      if (done === true) return;
    }
  } finally {
    yield* records.close();
    bytes.destroy();
  }
});

interface CsvRecord {
  readonly record: Fields;
  readonly info: { readonly lines: number; readonly bytes: number };
}

class CsvItem implements InputItem {
  readonly line: number;
  readonly end: number;
  readonly #record: Fields;

  constructor({ record, info }: CsvRecord) {
    this.line = info.lines - lineFeeds(record);
    this.end = info.bytes;
    this.#record = record;
  }

  value(): Fields {
    return this.#record;
  }
}

function lineFeeds(record: Fields): number {
  let count = 0;
  for (const text of Object.values(record))
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) count++;
  return count;
}

class CsvFault implements InputItem {
  readonly line: number;
  readonly end: number;
  readonly #error: Error | undefined;

  constructor(error: (Error & { readonly lines?: number }) | undefined, lines: number, end: number) {
    this.line = error?.lines ?? lines;
    this.end = end;
    this.#error = error;
  }

  value(): never {
    const reason = this.#error?.message ?? "its record is broken";
    throw new InputFault(`Cannot read line ${this.line}: ${reason}`, { cause: this.#error });
  }
}
