import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "libsql";
import { afterAll, beforeEach, expect, test } from "vitest";
import type { Outcome, Row } from "../../src/collect/job.ts";
import type { Source } from "../../src/collect/source.ts";
import { Store } from "../../src/store/store.ts";

const folder = mkdtempSync(join(tmpdir(), "observatory-store-"));
afterAll(() => rmSync(folder, { recursive: true }));

const books: Source = {
  name: "books",
  table: { columns: { isbn: "TEXT", title: "TEXT", pages: "INTEGER" }, key: ["isbn"] },
};
const loans: Source = {
  name: "loans",
  table: { columns: { isbn: "TEXT", day: "TEXT" }, key: ["isbn", "day"] },
};

let path: string;
let number = 0;
beforeEach(() => {
  path = join(folder, `${(number += 1)}.sqlite`);
});

function outcome(url: string, changes: { records?: Row[]; found?: string[]; failure?: string } = {}): Outcome {
  const { records = [], found = [], failure } = changes;
  return { job: { source: "books", url }, requests: 1, reading: { records, found }, failure };
}

const job = (url: string) => ({ source: "books", url });

test("A job's records, the jobs that it leads to and its end are there after reopening.", () => {
  {
    using store = Store.open(path, [books]);
    store.addJobs([job("/")]);
    store.record([outcome("/", { records: [{ isbn: "1", title: "Emma", pages: 474 }], found: ["/2"] })]);
  }
  using store = Store.open(path, [books]);
  expect(store.rows("books")).toEqual([{ isbn: "1", title: "Emma", pages: 474 }]);
  expect([store.doneJobs(), store.openJobs()]).toEqual([[job("/")], [job("/2")]]);
});

test("Recording gives the jobs that are new, each once.", () => {
  using store = Store.open(":memory:", [books]);
  store.addJobs([job("/"), job("/2")]);
  const found = store.record([outcome("/", { found: ["/2", "/3"] }), outcome("/2", { found: ["/", "/3", "/4"] })]);
  expect(found).toEqual([job("/3"), job("/4")]);
});

test("A batch is stored as a whole or not at all.", () => {
  using store = Store.open(":memory:", [books]);
  store.addJobs([job("/"), job("/2")]);
  const unstorable = { isbn: "2", title: {} as string };
  const good = outcome("/", { records: [{ isbn: "1" }], found: ["/3"] });
  expect(() => store.record([good, outcome("/2", { records: [unstorable] })])).toThrow("can only bind");
  expect([store.count("books"), store.doneJobs(), store.openJobs()]).toEqual([0, [], [job("/"), job("/2")]]);
});

test("A record that comes again replaces itself.", () => {
  using store = Store.open(":memory:", [books]);
  store.addJobs([job("/")]);
  store.record([outcome("/", { records: [{ isbn: "1", title: "Emm" }] })]);
  store.record([outcome("/", { records: [{ isbn: "1", title: "Emma" }] })]);
  expect(store.rows("books")).toEqual([{ isbn: "1", title: "Emma", pages: null }]);
});

test("A job that failed is open, until it is done.", () => {
  using store = Store.open(":memory:", [books]);
  store.addJobs([job("/")]);
  store.record([outcome("/", { failure: "timeout" })]);
  const before = store.openJobs();
  store.record([outcome("/")]);
  expect([before, store.openJobs()]).toEqual([[job("/")], []]);
});

test("Columns of a key are joined by a space.", () => {
  using store = Store.open(":memory:", [loans]);
  store.addJobs([{ source: "loans", url: "/" }]);
  const records = [{ isbn: "1", day: "2024-05-01" }];
  store.record([{ ...outcome("/", { records }), job: { source: "loans", url: "/" } }]);
  expect(store.keys("loans")).toEqual(["1 2024-05-01"]);
});

test("Forgetting leaves the sources alone that the store was not opened with.", () => {
  {
    using store = Store.open(path, [books, loans]);
    store.addJobs([job("/"), { source: "loans", url: "/loans" }]);
    store.record([outcome("/", { records: [{ isbn: "1" }] })]);
  }
  {
    using store = Store.open(path, [books]);
    store.forget();
    expect([store.count("books"), store.openJobs(), store.doneJobs()]).toEqual([0, [], []]);
  }
  using store = Store.open(path, [loans]);
  expect(store.openJobs()).toEqual([{ source: "loans", url: "/loans" }]);
});

test("Notes are kept.", () => {
  {
    using store = Store.open(path, [books]);
    store.setNote("edition", "1");
    store.setNote("edition", "2");
  }
  using store = Store.open(path, [books]);
  expect([store.note("edition"), store.note("nothing")]).toEqual(["2", undefined]);
});

test("An open store keeps others out.", () => {
  using _store = Store.open(path, [books]);
  expect(() => Store.open(path, [books])).toThrow(
    `Cannot open database ${path}: another program uses it; choose another file with --db`,
  );
});

test("A database of another program is left alone.", () => {
  const database = new Database(path);
  database.exec("CREATE TABLE theirs (x)");
  database.close();
  expect(() => Store.open(path, [books])).toThrow(
    `Cannot use database ${path}: it is another program's; choose another file with --db`,
  );
});

test("A file that is no database is left alone.", () => {
  writeFileSync(path, "Dear diary, today I will not be overwritten by anybody.\n");
  expect(() => Store.open(path, [books])).toThrow(
    `Cannot open database ${path}: it is no SQLite file; choose another file with --db`,
  );
});

test("A folder that does not exist is named.", () => {
  const lost = join(folder, "nowhere", "x.sqlite");
  expect(() => Store.open(lost, [books])).toThrow(
    `Cannot open database ${lost}: there is no such folder, or no permission; choose another file with --db`,
  );
});
