import Database from "libsql";
import type { Job, Outcome, Row } from "../collect/job.ts";
import type { Source, Table } from "../collect/source.ts";

/** Marks a SQLite file as one of the observatory's. */
const APPLICATION_ID = 0x6f627376;

/** The file cannot be used; the message says what the user can do. */
export class StoreError extends Error {}

/**
 * The SQLite file: the records of every source in a table each, and the journal of the jobs.
 *
 * A job's records, the jobs that it leads to and its end are written in one transaction, and every record has a key. So
 * whenever the process ends, even by `kill -9`, the file holds the records of exactly the jobs that the journal calls
 * done, and what is collected a second time changes nothing.
 */
export class Store implements Disposable {
  readonly #database: Database.Database;
  readonly #path: string;
  readonly #sources: ReadonlyMap<string, Source>;
  readonly #inserts: ReadonlyMap<string, Database.Statement>;
  readonly #addJob: Database.Statement;
  readonly #endJob: Database.Statement;

  private constructor(database: Database.Database, path: string, sources: readonly Source[]) {
    this.#database = database;
    this.#path = path;
    this.#sources = new Map(sources.map((source) => [source.name, source]));
    this.#inserts = new Map(sources.map((source) => [source.name, database.prepare(insertInto(source))]));
    this.#addJob = database.prepare("INSERT OR IGNORE INTO jobs (source, url) VALUES (?, ?)");
    this.#endJob = database.prepare(
      "UPDATE jobs SET state = ?, requests = requests + ?, failure = ?, ended = ? WHERE source = ? AND url = ?",
    );
  }

  /**
   * Opens the file, or makes it, and keeps every other process out of it until it is closed. `":memory:"` is a store that
   * is gone then.
   *
   * @throws {StoreError} when the file cannot be opened, or is somebody else's
   */
  static open(path: string, sources: readonly Source[]): Store {
    try {
      const database = new Database(path);
      try {
        claim(database, path);
        database.exec(schema(sources));
        return new Store(database, path, sources);
      } catch (error) {
        database.close();
        throw error;
      }
    } catch (error) {
      if (error instanceof StoreError) throw error;
      throw new StoreError(`Cannot open database ${path}: ${reasonOf(error)}; choose another file with --db`);
    }
  }

  /** Adds jobs that the journal does not have yet; those that it has stay as they are. */
  addJobs(jobs: Iterable<Job>): void {
    this.#atomically(() => {
      for (const { source, url } of jobs) this.#addJob.run(source, url);
    });
  }

  /** Forgets the jobs and records of the sources that the store was opened with. */
  forget(): void {
    this.#atomically(() => {
      for (const name of this.#sources.keys()) {
        this.#database.prepare(`DELETE FROM "${name}"`).run();
        this.#database.prepare("DELETE FROM jobs WHERE source = ?").run(name);
      }
    });
  }

  /** The jobs that are not done, in the order in which they were found. Those that failed are among them. */
  openJobs(): Job[] {
    return this.#jobs("state <> 'done'");
  }

  /** The jobs that are done. */
  doneJobs(): Job[] {
    return this.#jobs("state = 'done'");
  }

  /**
   * Writes what became of some jobs, all or nothing, and gives the jobs that are new to the journal.
   *
   * @throws {StoreError} when SQLite cannot write, as when the disk is full
   */
  record(outcomes: readonly Outcome[]): Job[] {
    try {
      return this.#atomically(() => outcomes.flatMap((outcome) => this.#writeOutcome(outcome)));
    } catch (error) {
      if (!(error instanceof Database.SqliteError)) throw error;
      const way = "what was stored before stays; make room and run it again";
      throw new StoreError(`Cannot write database ${this.#path}: ${error.message}; ${way}`, { cause: error });
    }
  }

  /** Writes the records of a page that was crawled, and that it is done; all or nothing. */
  recordPage(job: Job, records: readonly Row[]): void {
    this.addJobs([job]);
    this.record([{ job, requests: 1, reading: { records, found: [] }, failure: undefined }]);
  }

  /** Writes records that no job has brought, in the place of those that the source has; all or nothing. */
  put({ name, table }: Source, records: readonly Row[]): void {
    this.#atomically(() => {
      this.#database.prepare(`DELETE FROM "${name}"`).run();
      for (const row of records) this.#insert(name, table, row);
    });
  }

  /** How many records a source has. */
  count(source: string): number {
    return first(this.#database, `SELECT COUNT(*) FROM "${source}"`) as number;
  }

  /** The keys of a source's records; the columns of a key are joined by a space. */
  keys(source: string): string[] {
    const key = this.#sources.get(source)!.table.key.map((column) => `"${column}"`);
    return this.#database
      .prepare(`SELECT ${key.join(" || ' ' || ")} FROM "${source}"`)
      .pluck()
      .all() as string[];
  }

  /** The records of a source, by key. */
  rows(source: string): Row[] {
    const { columns, key } = this.#sources.get(source)!.table;
    const names = (list: readonly string[]) => list.map((column) => `"${column}"`).join(", ");
    const query = `SELECT ${names(Object.keys(columns))} FROM "${source}" ORDER BY ${names(key)}`;
    return this.#database.prepare(query).all() as Row[];
  }

  /** A note kept in the file, such as the edition of what was collected. */
  note(name: string): string | undefined {
    return first(this.#database, "SELECT value FROM notes WHERE name = ?", name) as string | undefined;
  }

  setNote(name: string, value: string): void {
    this.#database.prepare("INSERT OR REPLACE INTO notes (name, value) VALUES (?, ?)").run(name, value);
  }

  /** Writes everything into the one file, and lets others in. */
  close(): void {
    try {
      // Closing alone does not unlock: prepared statements keep the connection until they are collected as garbage.
      this.#database.pragma("journal_mode = DELETE");
      this.#database.pragma("locking_mode = NORMAL");
      first(this.#database, "SELECT COUNT(*) FROM jobs");
    } catch (error) {
      // Without room for that, what is stored stays in the second file, where the next run finds it.
      if (!(error instanceof Database.SqliteError)) throw error;
    } finally {
      this.#database.close();
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** All that `body` writes, or nothing. */
  #atomically<T>(body: () => T): T {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const result = body();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      // SQLite has ended it by itself when the disk is full: the transaction() of libsql fails then, and hides why.
      if (this.#database.inTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  #jobs(condition: string): Job[] {
    const rows = this.#database.prepare(`SELECT source, url FROM jobs WHERE ${condition} ORDER BY id`).all() as Job[];
    return rows.filter(({ source }) => this.#sources.has(source)).map(({ source, url }) => ({ source, url }));
  }

  #insert(source: string, { columns }: Table, row: Row): void {
    this.#inserts.get(source)!.run(...Object.keys(columns).map((column) => row[column] ?? null));
  }

  #writeOutcome({ job, reading, requests, failure }: Outcome): Job[] {
    const { table } = this.#sources.get(job.source)!;
    for (const row of reading.records) this.#insert(job.source, table, row);
    const found = reading.found.map((url) => ({ source: job.source, url }));
    const added = found.filter(({ source, url }) => this.#addJob.run(source, url).changes === 1);
    const state = failure === undefined ? "done" : "failed";
    this.#endJob.run(state, requests, failure ?? null, new Date().toISOString(), job.source, job.url);
    return added;
  }
}

/** Makes the file one of the observatory's, unless it is somebody else's. */
function claim(database: Database.Database, path: string): void {
  database.pragma("busy_timeout = 1000");
  const owner = first(database, "PRAGMA application_id");
  const tables = first(database, "SELECT COUNT(*) FROM sqlite_master") as number;
  if (tables > 0 && owner !== APPLICATION_ID) {
    throw new StoreError(`Cannot use database ${path}: it is another program's; choose another file with --db`);
  }
  database.pragma("journal_mode = WAL");
  database.pragma("locking_mode = EXCLUSIVE");
  database.pragma("synchronous = NORMAL");
  database.pragma(`application_id = ${APPLICATION_ID}`);
}

/** The first value of the first row; undefined when there is no row. */
function first(database: Database.Database, query: string, ...parameters: readonly string[]): unknown {
  return database
    .prepare(query)
    .pluck()
    .all(...parameters)[0];
}

function schema(sources: readonly Source[]): string {
  return `
    BEGIN;
    CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS jobs (
      id INTEGER PRIMARY KEY,
      source TEXT NOT NULL,
      url TEXT NOT NULL,
      state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'failed')),
      requests INTEGER NOT NULL DEFAULT 0,
      failure TEXT,
      ended TEXT,
      UNIQUE (source, url)
    );
    ${sources.map(createTable).join("\n")}
    COMMIT;
  `;
}

function createTable({ name, table: { columns, key } }: Source): string {
  const lines = Object.entries(columns).map(([column, type]) => `"${column}" ${type}`);
  lines.push(`PRIMARY KEY (${key.map((column) => `"${column}"`).join(", ")})`);
  return `CREATE TABLE IF NOT EXISTS "${name}" (${lines.join(", ")}) WITHOUT ROWID;`;
}

/** A record that comes again replaces itself; the sources that lead to failures need that, the others do not mind. */
function insertInto({ name, table }: Source): string {
  const columns = Object.keys(table.columns);
  const names = columns.map((column) => `"${column}"`).join(", ");
  return `INSERT OR REPLACE INTO "${name}" (${names}) VALUES (${columns.map(() => "?").join(", ")})`;
}

function reasonOf(error: unknown): string {
  const { code, message } = error as Error & { readonly code?: string };
  if (code === "SQLITE_BUSY") return "another program uses it";
  if (code === "SQLITE_NOTADB") return "it is no SQLite file";
  return message.startsWith("ConnectionFailed") ? "there is no such folder, or no permission" : message;
}
