import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OutputLockedError, databaseOutput } from "@tsyncio/batch";
import Database from "libsql";
import { run } from "tsyncio";
import { afterEach, beforeEach, expect, test } from "vitest";
import { failureOf, opened, recordedBy, resultOf } from "./recorded.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tsyncio-batch-database-"));
  path = join(folder, "results.db");
});
afterEach(() => rmSync(folder, { recursive: true }));

function rows(table = "results"): unknown[] {
  const database = new Database(path, { readonly: true });
  try {
    return database.prepare(`SELECT * FROM ${table} ORDER BY line`).all();
  } finally {
    database.close();
  }
}

test("a result is a row, which others can read while the batch goes on", () =>
  run(async () => {
    const { store, recorded } = await opened(databaseOutput(path));
    store.write(resultOf(2, { id: "b", usage: { tokens: 5 } }), 1);
    store.write(failureOf(1), 0);
    expect(recorded).toEqual([]);
    expect(rows()).toEqual([
      {
        id: "1",
        line: 1,
        ok: 0,
        status: 400,
        attempts: 1,
        elapsed: 1.5,
        usage: null,
        result: null,
        error: '{"code":"TSYNCIO_HTTP_STATUS","message":"Cannot POST: status 400","body":"no"}',
      },
      {
        id: "b",
        line: 2,
        ok: 1,
        status: 200,
        attempts: 1,
        elapsed: 1.5,
        usage: '{"tokens":5}',
        result: '{"of":2}',
        error: null,
      },
    ]);
    await store.close(true);
  }));

test("the next run knows what is recorded, more than it reads at once, and can forget failures", () =>
  run(async () => {
    const first = await opened(databaseOutput(path, { sync: false }));
    for (let line = 1; line <= 10_050; line++)
      first.store.write(line % 1000 === 0 ? failureOf(line) : resultOf(line), line - 1);
    await first.store.close(true);
    const second = await opened(databaseOutput(path));
    expect(second.recorded).toHaveLength(10_050);
    expect(second.recorded.filter(([, ok]) => !ok)).toHaveLength(10);
    await second.store.close(true);
    const store = databaseOutput(path).open();
    expect(await store.forgetFailed()).toBe(10);
    expect(await recordedBy(store)).toHaveLength(10_040);
    await store.close(true);
  }));

test("is open once at a time, and keeps several tables", () =>
  run(async () => {
    const { store } = await opened(databaseOutput(path, { table: "one" }));
    expect(() => databaseOutput(path, { table: "two" }).open()).toThrow(OutputLockedError);
    store.write(resultOf(1), 0);
    await store.close(true);
    const two = await opened(databaseOutput(path, { table: "two" }));
    expect(two.recorded).toEqual([]);
    await two.store.close(true);
    expect(rows("one")).toHaveLength(1);
  }));

test("what is no name of a table is refused at the call", () => {
  expect(() => databaseOutput(path, { table: "a; DROP TABLE b" })).toThrow(
    new TypeError('Cannot write results to table "a; DROP TABLE b": a name is of letters, digits and "_"'),
  );
});
