import Database from "libsql";
import { CrawlStoreError } from "../errors.ts";
import { APPLICATION_ID, SCHEMA, SCHEMA_VERSION } from "./schema.ts";

/** The name of a database that is gone when it is closed. */
export const MEMORY: string = ":memory:";

/**
 * Opens the database of a crawl, or makes it, and keeps every other process out of it; gives what `use` makes of it.
 *
 * @throws {CrawlStoreError} when it cannot be opened, or is somebody else's.
 */
export function openDatabase<T>(name: string, use: (database: Database.Database) => T): T {
  try {
    const database = new Database(name);
    try {
      claim(database, name);
      database.exec(SCHEMA);
      return use(database);
    } catch (error) {
      database.close();
      throw error;
    }
  } catch (error) {
    if (error instanceof CrawlStoreError) throw error;
    throw new CrawlStoreError(`Cannot open store ${name}: ${reasonOf(error)}`, { cause: error });
  }
}

/** Makes the file one of a crawl, unless it is somebody else's. */
function claim(database: Database.Database, path: string): void {
  if (path === MEMORY) return;
  database.pragma("busy_timeout = 1000");
  const owner = pragma(database, "application_id");
  const tables = database.prepare("SELECT COUNT(*) AS count FROM sqlite_master").all() as { count: number }[];
  if (tables[0]!.count > 0 && owner !== APPLICATION_ID)
    throw new CrawlStoreError(`Cannot use store ${path}: it is another program's file; choose another name`);
  const version = pragma(database, "user_version");
  if (version !== 0 && version !== SCHEMA_VERSION)
    throw new CrawlStoreError(
      `Cannot use store ${path}: it has format ${version}, this version writes ${SCHEMA_VERSION}; choose another name`,
    );
  database.pragma("journal_mode = WAL");
  database.pragma("locking_mode = EXCLUSIVE");
  database.pragma("synchronous = NORMAL");
  database.pragma(`application_id = ${APPLICATION_ID}`);
  database.pragma(`user_version = ${SCHEMA_VERSION}`);
}

function pragma(database: Database.Database, name: string): number {
  return (database.prepare(`PRAGMA ${name}`).pluck().all() as number[])[0]!;
}

function reasonOf(error: unknown): string {
  const { code, message } = error as Error & { readonly code?: string };
  if (code === "SQLITE_BUSY") return "another process crawls with it; wait for it, or choose another name";
  if (code === "SQLITE_NOTADB") return "it is no SQLite file; choose another name";
  return message.startsWith("ConnectionFailed") ? "there is no such folder, or no permission" : message;
}
