import { expect, test } from "vitest";
import { beginOrGoOn, FINISHED } from "../src/resume.ts";
import { normals } from "../src/sources/api.ts";
import { Store } from "../src/store/store.ts";

const start = { source: "normals", url: "/api/v1/normals?page=1" };
const next = { source: "normals", url: "/api/v1/normals?page=2" };

/** A store in which the first job of edition 1 is done, and the next is open. */
function begun(): Store {
  const store = Store.open(":memory:", [normals]);
  beginOrGoOn(store, "1", [start], false);
  const reading = { records: [{ hour: "a" }], found: [next.url] };
  store.record([{ job: start, requests: 1, retried: [], reading, failure: undefined }]);
  return store;
}

test("A new file begins with the starts.", () => {
  using store = Store.open(":memory:", [normals]);
  expect([beginOrGoOn(store, "1", [start], false), store.openJobs()]).toEqual(["new", [start]]);
});

test("An unfinished collection goes on, and keeps what it has.", () => {
  using store = begun();
  expect(beginOrGoOn(store, "1", [start], false)).toBe("goes on after 1 job, 1 known to be left");
  expect([store.openJobs(), store.count("normals")]).toEqual([[next], 1]);
});

test("A finished collection begins anew.", () => {
  using store = begun();
  store.setNote(FINISHED, "yes");
  expect(beginOrGoOn(store, "1", [start], false)).toBe("a finished collection; begins anew");
  expect([store.openJobs(), store.count("normals"), store.note(FINISHED)]).toEqual([[start], 0, "no"]);
});

test("Another edition begins anew.", () => {
  using store = begun();
  expect(beginOrGoOn(store, "2", [start], false)).toBe("of another edition of the site; begins anew");
  expect([store.openJobs(), store.count("normals")]).toEqual([[start], 0]);
});

test("--fresh begins anew.", () => {
  using store = begun();
  expect(beginOrGoOn(store, "1", [start], true)).toBe("--fresh; begins anew");
  expect([store.openJobs(), store.count("normals")]).toEqual([[start], 0]);
});
