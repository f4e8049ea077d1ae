import { gunzipSync, gzipSync } from "node:zlib";
import { HttpHeaders } from "@tsyncio/http";
import CachePolicy from "http-cache-semantics";
import Database from "libsql";
import { CrawlStoreError } from "../errors.ts";

/** An answer out of the cache. */
export interface CachedResponse {
  readonly status: number;
  readonly headers: HttpHeaders;
  readonly bytes: Uint8Array;
}

/** What the cache says about a request: an answer that is still good, or the headers that ask whether it is. */
export interface CacheAnswer {
  readonly fresh: CachedResponse | null;
  readonly conditions: Readonly<Record<string, string>>;
}

type Headers = Record<string, string>;

interface Row {
  readonly policy: string;
  readonly status: number;
  readonly body: Uint8Array;
}

const PRIVATE = { shared: false, cacheHeuristic: 0 };
const LEVEL = 3;

/**
 * Answers that are kept from one crawl to the next, in a SQLite file: a page that has not changed is not sent again.
 *
 * It is a private cache without heuristics: what its server does not date is asked for, and what is stale is asked for with
 * `If-None-Match` and `If-Modified-Since`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9111
 */
export class HttpCache implements Disposable {
  readonly #database: Database.Database;
  readonly #select: Database.Statement;
  readonly #insert: Database.Statement;
  readonly #update: Database.Statement;

  private constructor(database: Database.Database) {
    this.#database = database;
    this.#select = database.prepare("SELECT policy, status, body FROM responses WHERE url = ?");
    this.#insert = database.prepare("INSERT OR REPLACE INTO responses (url, policy, status, body) VALUES (?, ?, ?, ?)");
    this.#update = database.prepare("UPDATE responses SET policy = ? WHERE url = ?");
  }

  /** @throws {CrawlStoreError} when the file cannot be opened. */
  static open(path: string): HttpCache {
    try {
      const database = new Database(path);
      database.pragma("busy_timeout = 1000");
      database.pragma("journal_mode = WAL");
      database.pragma("synchronous = NORMAL");
      database.exec(
        "CREATE TABLE IF NOT EXISTS responses (url TEXT PRIMARY KEY, policy TEXT NOT NULL, status INTEGER NOT NULL, body BLOB NOT NULL)",
      );
      return new HttpCache(database);
    } catch (error) {
      throw new CrawlStoreError(`Cannot open cache ${path}: ${(error as Error).message}`, { cause: error });
    }
  }

  /** What is known about a request; null when there is nothing, or what there is answers another request. */
  look(url: string, headers: Headers): CacheAnswer | null {
    const row = this.#row(url);
    if (row === undefined) return null;
    const policy = policyOf(row);
    const request = requestOf(url, headers);
    if (policy.satisfiesWithoutRevalidation(request)) return { fresh: responseOf(row, policy), conditions: {} };
    const asked = policy.revalidationHeaders(request);
    const conditions: Headers = {};
    for (const name of ["if-none-match", "if-modified-since"] as const) {
      const value = asked[name];
      if (typeof value === "string") conditions[name] = value;
    }
    return Object.keys(conditions).length === 0 ? null : { fresh: null, conditions };
  }

  /** Keeps an answer, if it may be kept. */
  store(url: string, headers: Headers, response: CachedResponse): void {
    const policy = new CachePolicy(
      requestOf(url, headers),
      { status: response.status, headers: response.headers.toJSON() },
      PRIVATE,
    );
    if (!policy.storable()) return;
    const body = gzipSync(response.bytes, { level: LEVEL });
    this.#insert.run(url, JSON.stringify(policy.toObject()), response.status, body);
  }

  /** The server says that nothing has changed: what is kept, with the headers of its answer; null when it means another one. */
  revalidated(url: string, headers: Headers, answer: HttpHeaders): CachedResponse | null {
    const row = this.#row(url);
    if (row === undefined) return null;
    const response = { status: 304, headers: answer.toJSON() };
    const { policy, matches } = policyOf(row).revalidatedPolicy(requestOf(url, headers), response);
    if (!matches) return null;
    this.#update.run(JSON.stringify(policy.toObject()), url);
    return responseOf(row, policy);
  }

  close(): void {
    if (this.#database.open) this.#database.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #row(url: string): Row | undefined {
    return (this.#select.all(url) as Row[])[0];
  }
}

function policyOf({ policy }: Row): CachePolicy {
  return CachePolicy.fromObject(JSON.parse(policy) as CachePolicy.CachePolicyObject);
}

function requestOf(url: string, headers: Headers): CachePolicy.HttpRequest {
  return { url, method: "GET", headers: { ...headers, host: new URL(url).host } };
}

function responseOf(row: Row, policy: CachePolicy): CachedResponse {
  const kept = policy.responseHeaders() as Record<string, string | string[] | undefined>;
  return { status: row.status, headers: new HttpHeaders(kept), bytes: gunzipSync(row.body) };
}
