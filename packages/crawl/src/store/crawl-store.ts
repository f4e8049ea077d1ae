import Database from "libsql";
import { CrawlStoreError } from "../errors.ts";
import { MEMORY, openDatabase } from "./open-database.ts";
import { STATES, type UrlState } from "./schema.ts";

/** An address that is to be fetched. */
export interface NewUrl {
  readonly url: string;
  readonly priority: number;
  readonly depth: number;
  /** The page where it was found; null for a start address. */
  readonly parent: number | null;
  readonly label: string | null;
  /** JSON that goes with it. */
  readonly data: string | null;
  /** How many redirects have led to it. */
  readonly redirects: number;
  /** How many pages of the same pattern have led to it, each from the one before. */
  readonly chain: number;
}

/** One in the store. */
export interface WaitingUrl extends NewUrl {
  readonly id: number;
  readonly host: number;
  /** How often it has been tried. */
  readonly attempts: number;
}

/** What became of an address, written all or nothing. */
export interface Outcome {
  readonly id: number;
  readonly state: UrlState;
  readonly status: number | null;
  readonly reason: string | null;
  readonly contentType: string | null;
  readonly bytes: number | null;
  readonly elapsed: number | null;
  readonly attempts: number;
  readonly priority: number;
  /** JSON, one each. */
  readonly items: readonly string[];
  readonly found: readonly NewUrl[];
}

/** A host, and how many of its addresses wait. */
export interface StoredHost {
  readonly id: number;
  readonly origin: string;
  readonly waiting: number;
}

/** Addresses that were left out for one reason. */
export interface LeftOut {
  readonly reason: string;
  /** Of the addresses, where the reason is about a pattern; else empty. */
  readonly pattern: string;
  readonly count: number;
  readonly example: string;
}

/** A pattern of addresses that is not followed any more. */
export interface StoredCut {
  readonly pattern: string;
  readonly reason: string;
  /** The page that gave the reason. */
  readonly example: string;
  /** How many addresses were left out since. */
  readonly leftOut: number;
}

const WAITING_COLUMNS = "id, url, host, priority, depth, parent, label, data, redirects, chain, attempts";

/**
 * All that a crawl knows, in one SQLite file, or in memory.
 *
 * What a page has brought (its items, the addresses that it leads to, its end) is written in one transaction: whenever the
 * process ends, even by `kill -9`, what is marked as done has its items exactly once, and what is not is fetched again.
 */
export class CrawlStore implements Disposable {
  readonly #database: Database.Database;
  readonly #path: string;
  readonly #insertUrl: Database.Statement;
  readonly #insertItem: Database.Statement;
  readonly #settle: Database.Statement;
  readonly #waiting: Database.Statement;
  readonly #hosts = new Map<string, number>();

  private constructor(database: Database.Database, path: string) {
    this.#database = database;
    this.#path = path;
    this.#insertUrl = database.prepare(
      "INSERT OR IGNORE INTO urls (url, host, priority, depth, parent, label, data, redirects, chain) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    );
    this.#insertItem = database.prepare("INSERT INTO items (url, item) VALUES (?, ?)");
    this.#settle = database.prepare(
      "UPDATE urls SET state = ?, status = ?, reason = ?, content_type = ?, bytes = ?, elapsed = ?, attempts = ?, priority = ?, fetched_at = ? WHERE id = ?",
    );
    this.#waiting = database.prepare(
      `SELECT ${WAITING_COLUMNS} FROM urls WHERE host = ? AND state = 0 ORDER BY priority DESC, id LIMIT ?`,
    );
    this.#loadHosts();
  }

  /**
   * Opens the file of a crawl, or makes it, and keeps every other process out of it until it is closed.
   *
   * @param path null for a store in memory.
   * @throws {CrawlStoreError} when the file cannot be opened, or is somebody else's.
   */
  static open(path: string | null): CrawlStore {
    const name = path ?? MEMORY;
    return openDatabase(name, (database) => new CrawlStore(database, name));
  }

  /** The connection, for what reads the store: exports and reports. */
  get database(): Database.Database {
    return this.#database;
  }

  /** Forgets everything: the crawl begins anew. */
  clear(): void {
    this.#atomically(() => {
      for (const table of ["items", "urls", "hosts", "left_out", "cuts", "notes"])
        this.#database.exec(`DELETE FROM ${table}`);
    });
    this.#hosts.clear();
  }

  /** The number of a host, which it gets when it comes first. */
  hostId(origin: string): number {
    const known = this.#hosts.get(origin);
    if (known !== undefined) return known;
    const { lastInsertRowid } = this.#database.prepare("INSERT INTO hosts (origin) VALUES (?)").run(origin);
    const id = Number(lastInsertRowid);
    this.#hosts.set(origin, id);
    return id;
  }

  /** The hosts, with how many of their addresses wait. */
  hosts(): StoredHost[] {
    return this.#database
      .prepare(
        "SELECT hosts.id, origin, (SELECT COUNT(*) FROM urls WHERE urls.host = hosts.id AND state = 0) AS waiting FROM hosts ORDER BY hosts.id",
      )
      .all() as StoredHost[];
  }

  /** The next addresses of a host: the highest priority first, then as they were found. */
  waiting(host: number, limit: number): WaitingUrl[] {
    return this.#waiting.all(host, limit) as WaitingUrl[];
  }

  /** All addresses, in pieces. */
  *urls(): Generator<string> {
    const piece = this.#database.prepare("SELECT id, url FROM urls WHERE id > ? ORDER BY id LIMIT 5000");
    for (let last = 0; ;) {
      const rows = piece.all(last) as { id: number; url: string }[];
      for (const { url } of rows) yield url;
      const end = rows.at(-1);
      if (end === undefined) return;
      last = end.id;
    }
  }

  /** How many addresses there are in each state. */
  counts(): Record<UrlState, number> {
    const counts = Object.fromEntries(STATES.map((state) => [state, 0])) as Record<UrlState, number>;
    const rows = this.#database.prepare("SELECT state, COUNT(*) AS count FROM urls GROUP BY state").all();
    for (const { state, count } of rows as { state: number; count: number }[]) counts[STATES[state]!] = count;
    return counts;
  }

  itemCount(): number {
    return (this.#database.prepare("SELECT COUNT(*) AS count FROM items").all() as { count: number }[])[0]!.count;
  }

  /** Adds addresses that are not there yet, and gives those. */
  add(found: readonly NewUrl[]): WaitingUrl[] {
    return this.#atomically(() => this.#addAll(found));
  }

  /**
   * Writes what became of an address, all or nothing, and gives the addresses that are new.
   *
   * @throws {CrawlStoreError} when SQLite cannot write, as when the disk is full.
   */
  settle(outcome: Outcome): WaitingUrl[] {
    return this.#atomically(() => {
      for (const item of outcome.items) this.#insertItem.run(outcome.id, item);
      this.#settle.run(
        STATES.indexOf(outcome.state),
        outcome.status,
        outcome.reason,
        outcome.contentType,
        outcome.bytes,
        outcome.elapsed,
        outcome.attempts,
        outcome.priority,
        Date.now(),
        outcome.id,
      );
      return this.#addAll(outcome.found);
    });
  }

  /** Has what failed wait again. */
  retryFailed(): void {
    this.#atomically(() =>
      this.#database.exec("UPDATE urls SET state = 0, attempts = 0, reason = NULL WHERE state = 4"),
    );
  }

  /** Counts addresses that were left out. */
  leaveOut(entries: Iterable<LeftOut>): void {
    const statement = this.#database.prepare(
      "INSERT INTO left_out (reason, pattern, count, example) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count",
    );
    this.#atomically(() => {
      for (const { reason, pattern, count, example } of entries) statement.run(reason, pattern, count, example);
    });
  }

  /** What was left out, most first. */
  leftOut(): LeftOut[] {
    return this.#database
      .prepare("SELECT reason, pattern, count, example FROM left_out ORDER BY count DESC, reason, pattern")
      .all() as LeftOut[];
  }

  /** Keeps a pattern that is cut. */
  cut({ pattern, reason, example }: Omit<StoredCut, "leftOut">): void {
    this.#atomically(() =>
      this.#database
        .prepare("INSERT OR IGNORE INTO cuts (pattern, reason, example) VALUES (?, ?, ?)")
        .run(pattern, reason, example),
    );
  }

  /** The patterns that are cut. */
  cuts(): StoredCut[] {
    return this.#database
      .prepare(
        "SELECT cuts.pattern, cuts.reason, cuts.example, COALESCE(SUM(left_out.count), 0) AS leftOut FROM cuts LEFT JOIN left_out ON left_out.pattern = cuts.pattern AND left_out.reason = 'trap' GROUP BY cuts.pattern ORDER BY cuts.pattern",
      )
      .all() as StoredCut[];
  }

  /** The robots.txt of a host, and when it was fetched; null when it has not been, or too long ago. */
  robots(host: number, notBefore: number): string | null {
    const rows = this.#database
      .prepare("SELECT robots FROM hosts WHERE id = ? AND robots_at >= ?")
      .all(host, notBefore);
    return (rows as { robots: string | null }[])[0]?.robots ?? null;
  }

  setRobots(host: number, text: string, at: number): void {
    this.#atomically(() =>
      this.#database.prepare("UPDATE hosts SET robots = ?, robots_at = ? WHERE id = ?").run(text, at, host),
    );
  }

  note(name: string): string | null {
    const rows = this.#database.prepare("SELECT value FROM notes WHERE name = ?").all(name) as { value: string }[];
    return rows[0]?.value ?? null;
  }

  setNote(name: string, value: string): void {
    this.#atomically(() =>
      this.#database.prepare("INSERT OR REPLACE INTO notes (name, value) VALUES (?, ?)").run(name, value),
    );
  }

  /** Writes everything into the one file, and lets others in. */
  close(): void {
    if (!this.#database.open) return;
    try {
      if (this.#path === MEMORY) return;
      // Closing alone does not unlock: prepared statements keep the connection until they are collected as garbage.
      this.#database.pragma("journal_mode = DELETE");
      this.#database.pragma("locking_mode = NORMAL");
      this.#database.prepare("SELECT COUNT(*) FROM hosts").all();
    } catch (error) {
      // Without room for that, what is stored stays in the second file, where the next crawl finds it.
      if (!(error instanceof Database.SqliteError)) throw error;
    } finally {
      this.#database.close();
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #loadHosts(): void {
    this.#hosts.clear();
    const rows = this.#database.prepare("SELECT id, origin FROM hosts").all() as StoredHost[];
    for (const { id, origin } of rows) this.#hosts.set(origin, id);
  }

  #addAll(found: readonly NewUrl[]): WaitingUrl[] {
    const added: WaitingUrl[] = [];
    for (const one of found) {
      const host = this.hostId(new URL(one.url).origin);
      const { url, priority, depth, parent, label, data, redirects, chain } = one;
      const result = this.#insertUrl.run(url, host, priority, depth, parent, label, data, redirects, chain);
      if (result.changes === 1) added.push({ ...one, id: Number(result.lastInsertRowid), host, attempts: 0 });
    }
    return added;
  }

  /** All that `body` writes, or nothing. */
  #atomically<T>(body: () => T): T {
    try {
      this.#database.exec("BEGIN IMMEDIATE");
      try {
        const result = body();
        this.#database.exec("COMMIT");
        return result;
      } catch (error) {
        // SQLite has ended it by itself when the disk is full: the transaction() of libsql fails then, and hides why.
        if (this.#database.inTransaction) this.#database.exec("ROLLBACK");
        this.#loadHosts();
        throw error;
      }
    } catch (error) {
      if (!(error instanceof Database.SqliteError)) throw error;
      throw new CrawlStoreError(
        `Cannot write store ${this.#path}: ${error.message}; what was stored before stays: make room and run it again`,
        { cause: error },
      );
    }
  }
}
