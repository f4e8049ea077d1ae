import { closeSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { extname } from "node:path";
import { csvFormatRow } from "d3-dsv";
import Database from "libsql";
import { sleep } from "tsyncio";
import { CrawlStoreError } from "../errors.ts";
import type { CrawlStore } from "../store/crawl-store.ts";
import { type ExportedItem, columnsOf, storedItems } from "./stored-items.ts";

/** Writes a file in steps; between two of them other tasks may run. */
type Writer = (store: CrawlStore, path: string) => Generator<undefined, void, any>;

const WRITERS: Readonly<Record<string, Writer>> = {
  ".jsonl": writeJsonLines,
  ".ndjson": writeJsonLines,
  ".csv": writeCsv,
  ".db": writeSqlite,
  ".sqlite": writeSqlite,
};

/** @throws {TypeError} for a file in whose name there is no format. */
export function checkExports(files: readonly string[]): void {
  for (const file of files) {
    if (typeof file === "string" && extname(file) in WRITERS) continue;
    throw new TypeError(
      `Cannot export to ${String(file)}: its name must end with ${Object.keys(WRITERS).join(", ")}, for the format`,
    );
  }
}

/**
 * Writes the items of a crawl to files, each in the format that its name ends with. Each is written beside its place and moved
 * there in the end, so that it is whole or as it was.
 */
export function* writeExports(store: CrawlStore, files: readonly string[]): Generator<any, void, any> {
  for (const file of files) {
    const unfinished = `${file}.unfinished`;
    try {
      rmSync(unfinished, { force: true });
      const steps = WRITERS[extname(file)]!(store, unfinished);
      while (steps.next().done !== true) yield* sleep(0);
      renameSync(unfinished, file);
    } catch (error) {
      rmSync(unfinished, { force: true });
      if (!(error instanceof Error) || !("code" in error) || error instanceof CrawlStoreError) throw error;
      throw new CrawlStoreError(`Cannot export to ${file}: ${error.message}; the items are in the store`, {
        cause: error,
      });
    }
  }
}

function* writeJsonLines(store: CrawlStore, path: string): Generator<undefined, void, any> {
  yield* writeLines(store, path, "", (item) => JSON.stringify(item));
}

function* writeCsv(store: CrawlStore, path: string): Generator<undefined, void, any> {
  const columns = yield* columnsOf(store);
  const row = (item: ExportedItem): string => csvFormatRow(columns.map((name) => cellOf(item[name])));
  yield* writeLines(store, path, `${csvFormatRow(columns)}\n`, row);
}

function* writeLines(
  store: CrawlStore,
  path: string,
  head: string,
  line: (item: ExportedItem) => string,
): Generator<undefined, void, any> {
  const file = openSync(path, "w");
  try {
    writeSync(file, head);
    for (const piece of storedItems(store)) {
      writeSync(file, piece.map((item) => `${line(item)}\n`).join(""));
      yield;
    }
  } finally {
    closeSync(file);
  }
}

/** A table `items` with a column for each field. */
function* writeSqlite(store: CrawlStore, path: string): Generator<undefined, void, any> {
  const columns = distinct(yield* columnsOf(store));
  const database = new Database(path);
  try {
    database.pragma("synchronous = OFF");
    const names = columns.map(({ column }) => `"${column.replaceAll('"', '""')}"`).join(", ");
    database.exec(`CREATE TABLE items (${names})`);
    const insert = database.prepare(`INSERT INTO items VALUES (${columns.map(() => "?").join(", ")})`);
    for (const piece of storedItems(store)) {
      database.exec("BEGIN");
      for (const item of piece) insert.run(...columns.map(({ name }) => valueOf(item[name])));
      database.exec("COMMIT");
      yield;
    }
  } finally {
    database.close();
  }
}

/** SQLite takes `Price` and `price` for the same column. */
function distinct(names: readonly string[]): { name: string; column: string }[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let column = name;
    for (let i = 2; taken.has(column.toLowerCase()); i++) column = `${name}_${i}`;
    taken.add(column.toLowerCase());
    return { name, column };
  });
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function valueOf(value: unknown): string | number | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean") return Number(value);
  return typeof value === "number" || typeof value === "string" ? value : JSON.stringify(value);
}
