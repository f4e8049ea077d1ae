import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "libsql";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CrawlStoreError } from "@tsyncio/crawl";
import { CrawlStore, type NewUrl, type Outcome } from "../../src/store/crawl-store.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "crawl-store-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const found = (url: string, priority = 0): NewUrl => ({
  url,
  priority,
  depth: 1,
  parent: 1,
  label: null,
  data: null,
  redirects: 0,
  chain: 0,
});

const done = (id: number, changes: Partial<Outcome> = {}): Outcome => ({
  id,
  state: "done",
  status: 200,
  reason: null,
  contentType: "text/html",
  bytes: 10,
  elapsed: 5,
  attempts: 1,
  priority: 0,
  items: [],
  found: [],
  ...changes,
});

describe("a store", () => {
  test("adds an address once", () => {
    using store = CrawlStore.open(null);
    expect(store.add([found("http://a.example/1"), found("http://a.example/1")])).toHaveLength(1);
    expect(store.add([found("http://a.example/1")])).toEqual([]);
    expect(store.hosts()).toEqual([{ id: 1, origin: "http://a.example", waiting: 1 }]);
  });

  test("gives what waits by priority, then as it was found", () => {
    using store = CrawlStore.open(null);
    store.add([found("http://a.example/1"), found("http://a.example/2", 5), found("http://a.example/3", 5)]);
    expect(store.waiting(1, 2).map(({ url }) => url)).toEqual(["http://a.example/2", "http://a.example/3"]);
  });

  test("writes what a page has brought all or nothing", () => {
    using store = CrawlStore.open(null);
    store.add([found("http://a.example/1")]);
    const bad = done(1, {
      items: ['{"a":1}'],
      found: [found("http://a.example/2"), { ...found("x"), url: "no address" }],
    });
    expect(() => store.settle(bad)).toThrow(TypeError);
    expect([store.counts().waiting, store.itemCount()]).toEqual([1, 0]);
    expect(store.settle({ ...bad, found: [found("http://a.example/2")] }).map(({ id }) => id)).toEqual([2]);
    expect([store.counts().done, store.counts().waiting, store.itemCount()]).toEqual([1, 1, 1]);
  });

  test("forgets hosts that came with what was not written", () => {
    using store = CrawlStore.open(null);
    const bad = [found("http://a.example/1"), { ...found("x"), url: "no address" }];
    expect(() => store.add(bad)).toThrow(TypeError);
    store.add([found("http://b.example/1"), found("http://a.example/1")]);
    expect(store.hosts()).toEqual([
      { id: 1, origin: "http://b.example", waiting: 1 },
      { id: 2, origin: "http://a.example", waiting: 1 },
    ]);
  });

  test("is there again when it is opened again", () => {
    const path = join(folder, "a.db");
    {
      using store = CrawlStore.open(path);
      store.add([found("http://a.example/1"), found("http://b.example/1")]);
      store.settle(done(1, { items: ['{"a":1}'] }));
      store.cut({ pattern: "p", reason: "r", example: "e" });
      store.setNote("n", "v");
      store.setRobots(1, "User-agent: *", 1000);
    }
    using store = CrawlStore.open(path);
    expect(store.counts()).toEqual({ waiting: 1, done: 1, redirected: 0, skipped: 0, failed: 0 });
    expect([...store.urls()]).toEqual(["http://a.example/1", "http://b.example/1"]);
    expect(store.cuts()).toEqual([{ pattern: "p", reason: "r", example: "e", leftOut: 0 }]);
    expect([store.note("n"), store.robots(1, 500), store.robots(1, 1500)]).toEqual(["v", "User-agent: *", null]);
    store.clear();
    expect([...store.urls()]).toEqual([]);
  });

  test("has what failed wait again", () => {
    using store = CrawlStore.open(null);
    store.add([found("http://a.example/1")]);
    store.settle(done(1, { state: "failed", attempts: 3, reason: "timeout" }));
    store.retryFailed();
    expect(store.waiting(1, 9)).toMatchObject([{ id: 1, attempts: 0 }]);
  });

  test("counts what was left out", () => {
    using store = CrawlStore.open(null);
    store.leaveOut([{ reason: "site", pattern: "", count: 2, example: "x" }]);
    store.leaveOut([{ reason: "site", pattern: "", count: 3, example: "y" }]);
    expect(store.leftOut()).toEqual([{ reason: "site", pattern: "", count: 5, example: "x" }]);
  });
});

describe("a store cannot be opened", () => {
  const refused = (path: string, message: string) => {
    expect(() => CrawlStore.open(path)).toThrow(CrawlStoreError);
    expect(() => CrawlStore.open(path)).toThrow(message);
  };
  test("in a folder that is not there", () =>
    refused(join(folder, "no", "a.db"), "there is no such folder, or no permission"));
  test("in a file that is none of SQLite", () => {
    const path = join(folder, "a.db");
    writeFileSync(path, "something else, and long enough to be looked at as a header of a file");
    refused(path, "it is no SQLite file");
  });
  test("in another program's database", () => {
    const path = join(folder, "a.db");
    const other = new Database(path);
    other.exec("CREATE TABLE t (x)");
    other.close();
    refused(path, "it is another program's file; choose another name");
  });
});
