import { expect, test } from "vitest";
import { verify } from "../../src/report/verify.ts";
import { digestOf } from "../../src/site/catalogue.ts";
import { normals } from "../../src/sources/api.ts";
import { Store } from "../../src/store/store.ts";

function announcing(...keys: string[]) {
  return [{ name: "normals", start: "/", records: keys.length, digest: digestOf(keys) }];
}

function storeOf(...hours: string[]): Store {
  const store = Store.open(":memory:", [normals]);
  const job = { source: "normals", url: "/" };
  store.addJobs([job]);
  const records = hours.map((hour) => ({ hour }));
  store.record([{ job, requests: 1, reading: { records, found: [] }, failure: undefined }]);
  return store;
}

test.each([
  ["the same records in another order", ["b", "a"], true],
  ["a record too few", ["a"], false],
  ["a record too many", ["a", "b", "c"], false],
  ["another record in the place of one", ["a", "c"], false],
])("A file with %s is judged.", (_, hours, same) => {
  using store = storeOf(...hours);
  expect(verify(announcing("a", "b"), store)).toEqual([
    { source: "normals", announced: 2, stored: hours.length, same },
  ]);
});
