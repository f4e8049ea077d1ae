import { fileURLToPath } from "node:url";
import Database from "libsql";
import { type Coroutine, coroutine, sleep } from "tsyncio";
import { BatchError } from "../errors.ts";
import type { ItemId } from "../input/item-id.ts";
import { OutputLock } from "../journal/output-lock.ts";
import type { BatchOutput, ResultStore } from "./batch-output.ts";
import type { BatchResult } from "./batch-result.ts";

/** Options of `databaseOutput`. */
export interface DatabaseOutputOptions {
  /** The table, which is made when it is not there. Default: "results". */
  readonly table?: string;
  /**
   * Whether each result waits for the disk, for the case that the whole machine dies. Default: false. The death of the process
   * alone loses nothing.
   */
  readonly sync?: boolean;
}

const NAME = /^[A-Za-z_]\w*$/;
const AT_ONCE = 10_000;

/**
 * Results as rows of a table in a SQLite database: id (the key, as text), line, ok, status, attempts, elapsed; usage, result and error
 * are JSON. `ORDER BY line` is the order of the input. Other programs can read it while the batch goes on.
 *
 * @throws {TypeError} for a table whose name is not of letters, digits and "_".
 */
export function databaseOutput(path: string | URL, options: DatabaseOutputOptions = {}): BatchOutput {
  const { table = "results", sync = false } = options;
  const name = path instanceof URL ? fileURLToPath(path) : path;
  if (typeof name !== "string" || name === "")
    throw new TypeError(`Cannot write results: expected the name of a file, received ${String(path)}`);
  if (typeof table !== "string" || !NAME.test(table))
    throw new TypeError(`Cannot write results to table "${String(table)}": a name is of letters, digits and "_"`);
  return {
    name,
    open() {
      const lock = OutputLock.take(name);
      try {
        return new DatabaseStore(name, table, sync, lock);
      } catch (error) {
        lock.release();
        throw new BatchError(`Cannot write ${name}: ${(error as Error).message}`, { cause: error });
      }
    },
  };
}

type Row = readonly [rowid: number, id: string, ok: number];

class DatabaseStore implements ResultStore {
  readonly mended = 0;
  readonly #name: string;
  readonly #table: string;
  readonly #database: Database.Database;
  readonly #insert: Database.Statement;
  readonly #lock: OutputLock;

  constructor(name: string, table: string, sync: boolean, lock: OutputLock) {
    this.#name = name;
    this.#table = table;
    this.#lock = lock;
    this.#database = new Database(name);
    try {
      this.#database.exec("PRAGMA journal_mode = WAL");
      this.#database.exec(`PRAGMA synchronous = ${sync ? "FULL" : "NORMAL"}`);
      this.#database.exec(`CREATE TABLE IF NOT EXISTS ${table} (
        id TEXT NOT NULL PRIMARY KEY, line INTEGER NOT NULL, ok INTEGER NOT NULL, status INTEGER, attempts INTEGER NOT NULL,
        elapsed REAL NOT NULL, usage TEXT, result TEXT, error TEXT
      )`);
      this.#insert = this.#database.prepare(`INSERT INTO ${table} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  recorded(see: (id: ItemId, ok: boolean) => boolean): Coroutine<void> {
    return reading(this, see);
  }

  /** @internal */
  *read(see: (id: ItemId, ok: boolean) => boolean): Generator<unknown, void, any> {
    const rows = this.#database
      .prepare(`SELECT rowid, id, ok FROM ${this.#table} WHERE rowid > ? ORDER BY rowid LIMIT ${AT_ONCE}`)
      .raw();
    for (let last = -1; ;) {
      const some = rows.all(last) as Row[];
      for (const [rowid, id, ok] of some) {
        see(id, ok === 1);
        last = rowid;
      }
      if (some.length < AT_ONCE) return;
      yield* sleep(0);
    }
  }

  forgetFailed(): Coroutine<number> {
    return forgetting(this);
  }

  /** @internal */
  deleteFailed(): number {
    return this.#database.prepare(`DELETE FROM ${this.#table} WHERE ok = 0`).run().changes;
  }

  write({ id, line, ok, status, attempts, elapsed, usage, result, error }: BatchResult): void {
    const json = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));
    const row = [String(id), line, ok ? 1 : 0, status, attempts, elapsed, json(usage), json(result), json(error)];
    try {
      this.#insert.run(...row);
    } catch (cause) {
      throw new BatchError(`Cannot write ${this.#name}: ${(cause as Error).message}`, { cause });
    }
  }

  close(): Coroutine<void> {
    return closing(this);
  }

  /** @internal */
  end(): void {
    try {
      this.#database.close();
    } finally {
      this.#lock.release();
    }
  }
}

const reading = coroutine(function* recorded(store: DatabaseStore, see: (id: ItemId, ok: boolean) => boolean) {
  yield* store.read(see);
});
// oxlint-disable-next-line require-yield
const forgetting = coroutine(function* forgetFailed(store: DatabaseStore) {
  return store.deleteFailed();
});
// oxlint-disable-next-line require-yield
const closing = coroutine(function* close(store: DatabaseStore) {
  store.end();
});
