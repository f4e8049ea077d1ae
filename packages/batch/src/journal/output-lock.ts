import { closeSync, openSync, readSync, realpathSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import Database from "libsql";
import { BatchError, OutputLockedError } from "../errors.ts";

/** Where SQLite keeps `user_version` in a file. */
const VERSION_AT = 60;
const ATTEMPTS = 10;
/** Of this process: to read a file that is locked here, as SQLite locks it, would lose the lock. */
const held = new Set<string>();

/**
 * Keeps other runs away from the same results: a file beside them that the operating system locks (through SQLite, which does it
 * on every platform). The lock dies with the process, however that ends; the file is removed when the lock is given back.
 */
export class OutputLock {
  readonly #path: string;
  readonly #database: Database.Database;
  #held = true;

  private constructor(path: string, database: Database.Database) {
    this.#path = path;
    this.#database = database;
  }

  /**
   * @param output the file of the results, which need not be there.
   * @throws {OutputLockedError} when another run has it, of this process or of another one.
   */
  static take(output: string): OutputLock {
    const path = `${realPath(output)}.lock`;
    if (held.has(path)) throw locked(output, process.pid);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const database = tryLock(path, output);
      if (database === null) {
        const pid = holderOf(path);
        // Given back meanwhile.
        if (pid === undefined) continue;
        throw locked(output, pid);
      }
      held.add(path);
      return new OutputLock(path, database);
    }
    throw locked(output, null);
  }

  release(): void {
    if (!this.#held) return;
    this.#held = false;
    // While it is locked: whoever opened it before and gets it now finds that it is gone.
    rmSync(this.#path, { force: true });
    this.#database.close();
    held.delete(this.#path);
  }
}

/** The locked database; null when somebody else has it, or it was removed while it was locked. */
function tryLock(path: string, output: string): Database.Database | null {
  let database: Database.Database | null = null;
  try {
    database = new Database(path, { timeout: 0 });
    const opened = inode(path);
    for (const statement of [
      "PRAGMA journal_mode = MEMORY",
      "PRAGMA locking_mode = EXCLUSIVE",
      "BEGIN EXCLUSIVE",
      `PRAGMA user_version = ${process.pid}`,
      "COMMIT",
    ])
      database.exec(statement);
    if (opened !== null && inode(path) === opened) return database;
  } catch (error) {
    const { code } = error as { readonly code?: string };
    if (code !== "SQLITE_BUSY" && code !== "SQLITE_LOCKED") {
      database?.close();
      throw new BatchError(`Cannot lock ${output}: ${(error as Error).message} (${path})`, { cause: error });
    }
  }
  database?.close();
  return null;
}

function inode(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.ino ?? null;
}

/** The process that holds a lock: null when it has not said so yet, undefined when there is no such file. */
function holderOf(path: string): number | null | undefined {
  const bytes = Buffer.alloc(4);
  try {
    const file = openSync(path, "r");
    try {
      return readSync(file, bytes, 0, 4, VERSION_AT) === 4 ? bytes.readUInt32BE() || null : null;
    } finally {
      closeSync(file);
    }
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? undefined : null;
  }
}

function locked(output: string, pid: number | null): OutputLockedError {
  const who = pid === process.pid ? "another batch of this process" : pid === null ? "another run" : `process ${pid}`;
  return new OutputLockedError(
    `Cannot write ${output}: ${who} writes it at this moment; wait for its end, or name another output`,
    pid,
  );
}

/** So that two names of one file are one lock. */
function realPath(output: string): string {
  try {
    return realpathSync(output);
  } catch {
    const folder = dirname(output);
    try {
      return join(realpathSync(folder), basename(output));
    } catch {
      throw new BatchError(`Cannot write ${output}: there is no folder ${folder}`);
    }
  }
}
