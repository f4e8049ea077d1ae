import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HttpHeaders } from "@tsyncio/http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HttpCache } from "../../src/fetch/http-cache.ts";

let folder: string;
let cache: HttpCache;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "crawl-cache-"));
  cache = HttpCache.open(join(folder, "cache.db"));
});
afterEach(() => {
  cache.close();
  rmSync(folder, { recursive: true });
});

const URL_ = "http://a.example/x";
const REQUEST = { "user-agent": "t" };
const keep = (headers: Record<string, string>, status = 200) =>
  cache.store(URL_, REQUEST, { status, headers: new HttpHeaders(headers), bytes: Buffer.from("body") });

describe("the cache", () => {
  test("knows nothing of what it has not seen", () => expect(cache.look(URL_, REQUEST)).toBeNull());
  test("gives what is fresh", () => {
    keep({ "cache-control": "max-age=60", "x-a": "1" });
    const answer = cache.look(URL_, REQUEST);
    expect(Buffer.from(answer!.fresh!.bytes).toString()).toBe("body");
    expect([answer!.fresh!.status, answer!.fresh!.headers.get("x-a")]).toEqual([200, "1"]);
  });
  test("asks whether what is stale has changed", () => {
    keep({ etag: '"1"', "last-modified": "Tue, 02 Jan 2024 00:00:00 GMT", "cache-control": "no-cache" });
    expect(cache.look(URL_, REQUEST)).toEqual({
      fresh: null,
      conditions: { "if-none-match": '"1"', "if-modified-since": "Tue, 02 Jan 2024 00:00:00 GMT" },
    });
  });
  test("asks anew for what cannot be asked about", () => {
    keep({ "cache-control": "max-age=0" });
    expect(cache.look(URL_, REQUEST)).toBeNull();
  });
  test("does not keep what it may not", () => {
    keep({ etag: '"1"', "cache-control": "no-store" });
    expect(cache.look(URL_, REQUEST)).toBeNull();
  });
  test("does not give what was meant for another request", () => {
    keep({ "cache-control": "max-age=60", vary: "user-agent" });
    expect(cache.look(URL_, { "user-agent": "other" })?.fresh ?? null).toBeNull();
    expect(cache.look(URL_, REQUEST)!.fresh).not.toBeNull();
  });
  test("takes the new headers of what has not changed", () => {
    keep({ etag: '"1"', "cache-control": "no-cache", "x-a": "1" });
    const kept = cache.revalidated(URL_, REQUEST, new HttpHeaders({ etag: '"1"', "cache-control": "max-age=60" }));
    expect([kept!.status, Buffer.from(kept!.bytes).toString(), kept!.headers.get("x-a")]).toEqual([200, "body", "1"]);
    expect(cache.look(URL_, REQUEST)!.fresh).not.toBeNull();
  });
  test("is there in the next crawl", () => {
    keep({ "cache-control": "max-age=60" });
    cache.close();
    cache = HttpCache.open(join(folder, "cache.db"));
    expect(cache.look(URL_, REQUEST)!.fresh).not.toBeNull();
  });
});
