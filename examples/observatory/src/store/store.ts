import Database from "libsql";
import type { Job, Outcome, Row } from "../collect/job.ts";
import type { Source } from "../collect/source.ts";

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
  readonly #sources: ReadonlyMap<string, Source>;
  readonly #inserts: ReadonlyMap<string, Database.Statement>;
  readonly #addJob: Database.Statement;
  readonly #endJob: Database.Statement;
  readonly #write: (outcome: Outcome) => Job[];

  private constructor(database: Database.Database, sources: readonly Source[]) {
    this.#database = database;
    this.#sources = new Map(sources.map((source) => [source.name, source]));
    this.#inserts = new Map(sources.map((source) => [source.name, database.prepare(insertInto(source))]));
    this.#addJob = database.prepare("INSERT OR IGNORE INTO jobs (source, url) VALUES (?, ?)");
    this.#endJob = database.prepare(
      "UPDATE jobs SET state = ?, requests = requests + ?, failure = ?, ended = ? WHERE source = ? AND url = ?",
    );
    this.#write = database.transaction((outcome: Outcome) => this.#writeOutcome(outcome));
  }

  /**
   * Opens the file, or makes it. `":memory:"` is a store that is gone when it is closed.
   *
   * @throws {StoreError} when the file cannot be opened, or is somebody else's
   */
  static open(path: string, sources: readonly Source[], options: { readonly fresh?: boolean } = {}): Store {
    try {
      const database = new Database(path);
      try {
        claim(database, path);
        database.exec(schema(sources, options.fresh ?? false));
        return new Store(database, sources);
      } catch (error) {
        database.close();
        throw error;
      }
    } catch (error) {
      if (error instanceof StoreError) throw error;
      throw new StoreError(`Cannot open database ${path}: ${reasonOf(error)}; choose another file with --database`);
    }
  }

  /** Adds jobs that the journal does not have yet; those that it has stay as they are. */
  addJobs(jobs: Iterable<Job>): void {
    this.#database.transaction(() => {
      for (const { source, url } of jobs) this.#addJob.run(source, url);
    })();
  }

  /** The jobs that are not done, in the order in which they were found. Those that failed are among them. */
  openJobs(): Job[] {
    const rows = this.#database.prepare("SELECT source, url FROM jobs WHERE state <> 'done' ORDER BY id").all();
    return (rows as Job[]).filter(({ source }) => this.#sources.has(source)).map(({ source, url }) => ({ source, url }));
  }

  /** The jobs that are done. */
  doneJobs(): Job[] {
    const rows = this.#database.prepare("SELECT source, url FROM jobs WHERE state = 'done' ORDER BY id").all();
    return (rows as Job[]).filter(({ source }) => this.#sources.has(source)).map(({ source, url }) => ({ source, url }));
  }

  /** Writes what became of a job, all or nothing, and gives the jobs that are new to the journal. */
  record(outcome: Outcome): Job[] {
    return this.#write(outcome);
  }

  /** How many records a source has. */
  count(source: string): number {
    return this.#database.prepare(`SELECT COUNT(*) FROM "${source}"`).pluck().get() as number;
  }

  /** The keys of a source's records; the columns of a key are joined by a space. */
  keys(source: string): string[] {
    const key = this.#sources.get(source)!.table.key.map((column) => `"${column}"`);
    return this.#database.prepare(`SELECT ${key.join(" || ' ' || ")} FROM "${source}"`).pluck().all() as string[];
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
    return this.#database.prepare("SELECT value FROM notes WHERE name = ?").pluck().get(name) as string | undefined;
  }

  setNote(name: string, value: string): void {
    this.#database.prepare("INSERT OR REPLACE INTO notes (name, value) VALUES (?, ?)").run(name, value);
  }

  close(): void {
    this.#database.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #writeOutcome({ job, reading, requests, failure }: Outcome): Job[] {
    const { table } = this.#sources.get(job.source)!;
    const insert = this.#inserts.get(job.source)!;
    for (const row of reading.records) insert.run(...Object.keys(table.columns).map((column) => row[column] ?? null));
    const found = reading.found.map((url) => ({ source: job.source, url }));
    const added = found.filter(({ source, url }) => this.#addJob.run(source, url).changes === 1);
    const state = failure === undefined ? "done" : "failed";
    this.#endJob.run(state, requests, failure ?? null, new Date().toISOString(), job.source, job.url);
    return added;
  }
}

/** Makes the file one of the observatory's, unless it is somebody else's. */
function claim(database: Database.Database, path: string): void {
  database.pragma("busy_timeout = 5000");
  const [{ application_id: owner }] = database.pragma("application_id") as [{ application_id: number }];
  const tables = database.prepare("SELECT COUNT(*) FROM sqlite_master").pluck().get() as number;
  if (tables > 0 && owner !== APPLICATION_ID) {
    throw new StoreError(`Cannot use database ${path}: it is another program's; choose another file with --database`);
  }
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = NORMAL");
  database.pragma(`application_id = ${APPLICATION_ID}`);
}

function schema(sources: readonly Source[], fresh: boolean): string {
  const names = sources.map(({ name }) => `'${name}'`).join(", ");
  const forget = sources.map(({ name }) => `DELETE FROM "${name}";`).join("\n");
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
    ${fresh ? `DELETE FROM jobs WHERE source IN (${names});\n${forget}` : ""}
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
  const { message } = error as Error;
  return message.startsWith("ConnectionFailed") ? "there is no such folder, or no permission" : message;
}
