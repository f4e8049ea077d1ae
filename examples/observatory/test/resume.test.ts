import { expect, test } from "vitest";
import { beginOrGoOn, FINISHED } from "../src/resume.ts";
import { normals } from "../src/sources/api.ts";
import { Store } from "../src/store/store.ts";

const start = { source: "normals", url: "/api/v1/normals?page=1" };
const next = { source: "normals", url: "/api/v1/normals?page=2" };

const keep = { fresh: false, forgetBeside: () => {} };

/** A store in which the first job of edition 1 is done, and the next is open. */
function begun(): Store {
  const store = Store.open(":memory:", [normals]);
  beginOrGoOn(store, "1", [start], keep);
  const reading = { records: [{ hour: "a" }], found: [next.url] };
  store.record([{ job: start, requests: 1, reading, failure: undefined }]);
  return store;
}

test("A new file begins with the starts.", () => {
  using store = Store.open(":memory:", [normals]);
  expect([beginOrGoOn(store, "1", [start], keep), store.openJobs()]).toEqual(["new", [start]]);
});

test("An unfinished collection goes on, and keeps what it has.", () => {
  using store = begun();
  expect(beginOrGoOn(store, "1", [start], keep)).toBe("goes on after 1 job, 1 known to be left");
  expect([store.openJobs(), store.count("normals")]).toEqual([[next], 1]);
});

test("A finished collection begins anew.", () => {
  using store = begun();
  store.setNote(FINISHED, "yes");
  expect(beginOrGoOn(store, "1", [start], keep)).toBe("a finished collection; begins anew");
  expect([store.openJobs(), store.count("normals"), store.note(FINISHED)]).toEqual([[start], 0, "no"]);
});

test("Another edition begins anew.", () => {
  using store = begun();
  expect(beginOrGoOn(store, "2", [start], keep)).toBe("of another edition of the site; begins anew");
  expect([store.openJobs(), store.count("normals")]).toEqual([[start], 0]);
});

test("--fresh begins anew.", () => {
  using store = begun();
  expect(beginOrGoOn(store, "1", [start], { ...keep, fresh: true })).toBe("--fresh; begins anew");
  expect([store.openJobs(), store.count("normals")]).toEqual([[start], 0]);
});

test("What is kept beside the store goes with what it holds, and before it.", () => {
  using store = begun();
  const held: number[] = [];
  const forgetBeside = () => void held.push(store.count("normals"));
  beginOrGoOn(store, "1", [start], { fresh: false, forgetBeside });
  expect(held).toEqual([]);
  beginOrGoOn(store, "2", [start], { fresh: false, forgetBeside });
  expect(held).toEqual([1]);
  // Nothing is done any more: what is beside it would be of another file.
  beginOrGoOn(store, "2", [start], { fresh: false, forgetBeside });
  expect(held).toEqual([1, 0]);
});
