/** Marks a SQLite file as one of a crawl. */
export const APPLICATION_ID: number = 0x7463726c;
export const SCHEMA_VERSION: number = 1;

/**
 * | state of an address | |
 * |---|---|
 * | waiting | to be fetched; also while it is fetched, so that a crash loses nothing |
 * | done | fetched, its items and links are stored |
 * | redirected | it leads to another address, which is in the table too |
 * | skipped | it is not fetched, or not read: `reason` says why |
 * | failed | given up after its attempts: `reason` says why |
 */
export const STATES = ["waiting", "done", "redirected", "skipped", "failed"] as const;

/** What became of an address. */
export type UrlState = (typeof STATES)[number];

export const SCHEMA: string = `
  CREATE TABLE IF NOT EXISTS hosts (
    id INTEGER PRIMARY KEY,
    origin TEXT NOT NULL UNIQUE,
    robots TEXT,
    robots_at INTEGER
  );
  CREATE TABLE IF NOT EXISTS urls (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL UNIQUE,
    host INTEGER NOT NULL REFERENCES hosts (id),
    state INTEGER NOT NULL DEFAULT 0,
    priority REAL NOT NULL,
    depth INTEGER NOT NULL,
    parent INTEGER,
    label TEXT,
    data TEXT,
    redirects INTEGER NOT NULL,
    chain INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    status INTEGER,
    reason TEXT,
    content_type TEXT,
    bytes INTEGER,
    elapsed REAL,
    fetched_at INTEGER
  );
  CREATE INDEX IF NOT EXISTS waiting_urls ON urls (host, priority DESC, id) WHERE state = 0;
  CREATE TABLE IF NOT EXISTS items (id INTEGER PRIMARY KEY, url INTEGER NOT NULL REFERENCES urls (id), item TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS left_out (
    reason TEXT NOT NULL,
    pattern TEXT NOT NULL,
    count INTEGER NOT NULL,
    example TEXT NOT NULL,
    PRIMARY KEY (reason, pattern)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS cuts (pattern TEXT PRIMARY KEY, reason TEXT NOT NULL, example TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
`;
